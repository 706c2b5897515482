package dev.raftkv.rest.consul;

import dev.raftkv.rest.consul.text.ConsulFailure;
import dev.raftkv.rest.consul.text.ConsulQuery;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Exchange;
import dev.raftkv.rest.http.Hosted;
import dev.raftkv.rest.http.Operation;
import dev.raftkv.rest.http.Replies;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Request;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes requests of clients of Consul to their operations. It goes by the URI as it came: containers take paths with semicolons,
 * two slashes or dots for others, each in a way of its own, and keys have them.
 */
final class ConsulServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    /** What its paths begin with, under the context root. */
    static final String ROOT = "v1/";

    private static final String OPTIONS = "OPTIONS";
    private static final List<String> METHODS = List.of("GET", "PUT", "DELETE");

    private final transient Replies replies;
    private final String datacenter;
    private final transient Map<String, Map<String, Hosted>> routes = new LinkedHashMap<>();

    /**
     * @param operations whose routes end where what they take is in braces
     * @param datacenter the name of the only one
     */
    ConsulServlet(List<Hosted> operations, Replies replies, String datacenter) {
        this.replies = replies;
        this.datacenter = datacenter;
        for (Hosted each : operations) {
            routes.computeIfAbsent(each.operation().route(), route -> new LinkedHashMap<>())
                    .put(each.operation().method(), each);
        }
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        replies.take(request, response, this::find);
    }

    private void find(Exchange exchange) {
        try {
            Request request = exchange.request();
            String path = request.path();
            Optional<Map<String, Hosted>> methods = route(path).map(routes::get);
            if (methods.isEmpty()) {
                exchange.answer(path.startsWith(ROOT) ? empty(404) : refusal());
                return;
            }
            String allowed = allowed(methods.get());
            Hosted operation = methods.get().get(request.method());
            if (request.method().equals(OPTIONS)) {
                exchange.answer(empty(200).header(Headers.ALLOW, allowed));
            } else if (operation == null) {
                exchange.answer(ConsulManner.text(405, "method " + request.method() + " not allowed")
                        .header(Headers.ALLOW, allowed));
            } else {
                begin(exchange, operation);
            }
        } catch (RuntimeException | Error e) {
            exchange.fail(e);
        }
    }

    /** Clients wait for a body where nothing says that there is none. */
    private static Answer empty(int status) {
        return Answer.empty(status).header(Headers.CONTENT_LENGTH, 0);
    }

    private static Answer refusal() {
        return ConsulManner.text(400, "the path does not begin with /v1/ as it stands");
    }

    private void begin(Exchange exchange, Hosted hosted) {
        // All that can be wrong with the path is said before a body is taken.
        tail(exchange.request().path(), hosted.operation());
        requireShort(exchange.request(), hosted.operation());
        String asked = ConsulQuery.of(exchange.request().rawQuery()).value("dc").orElse("");
        if (!asked.isEmpty() && !asked.equals(datacenter)) {
            throw new ConsulFailure(500, "No path to datacenter");
        }
        exchange.run(hosted);
    }

    /** What stands in the place of the braces, decoded. */
    static String tail(String path, Operation operation) {
        return ConsulKeys.decode(path, fixed(operation.route()));
    }

    private static void requireShort(Request request, Operation operation) {
        String length = request.header(Headers.CONTENT_LENGTH).orElse("");
        if (operation.maxBody() > 0 && length.matches("[0-9]{1,18}") && Long.parseLong(length) > operation.maxBody()) {
            throw new ConsulFailure(
                    413,
                    operation.route().endsWith("}")
                            ? "Request body(" + length + " bytes) too large, max size: " + operation.maxBody()
                                    + " bytes. See RAFT_MAX_VALUE_BYTES."
                            : "Request body too large, max size: " + operation.maxBody() + " bytes");
        }
    }

    /** The longest one that a path has. */
    private Optional<String> route(String path) {
        String longest = null;
        for (String route : routes.keySet()) {
            String fixed = fixed(route);
            boolean matches = fixed.equals(route) ? path.equals(route) : path.startsWith(fixed);
            if (matches && (longest == null || fixed(longest).length() < fixed.length() || fixed.equals(route))) {
                longest = route;
            }
        }
        return Optional.ofNullable(longest);
    }

    private static String fixed(String route) {
        int brace = route.indexOf('{');
        return brace < 0 ? route : route.substring(0, brace);
    }

    private static String allowed(Map<String, Hosted> methods) {
        List<String> allowed = new ArrayList<>(List.of(OPTIONS));
        METHODS.stream().filter(methods::containsKey).forEach(allowed::add);
        return String.join(",", allowed);
    }
}
