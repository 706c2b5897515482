package dev.raftkv.rest;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Exchange;
import dev.raftkv.rest.http.Hosted;
import dev.raftkv.rest.http.Operation;
import dev.raftkv.rest.http.Replies;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.PathRules;
import dev.raftkv.rest.request.Query;
import dev.raftkv.rest.request.Request;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLConnection;
import java.security.Principal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.glassfish.jersey.CommonProperties;
import org.glassfish.jersey.internal.MapPropertiesDelegate;
import org.glassfish.jersey.process.Inflector;
import org.glassfish.jersey.server.ApplicationHandler;
import org.glassfish.jersey.server.ContainerException;
import org.glassfish.jersey.server.ContainerRequest;
import org.glassfish.jersey.server.ContainerResponse;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.server.ServerProperties;
import org.glassfish.jersey.server.model.Resource;
import org.glassfish.jersey.server.spi.ContainerResponseWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes every request to its operation by Jersey, which is a host here and not a container: it finds the operation and says
 * what is to be said where there is none. The operation takes its body and gives its answer by the {@link Exchange}, because
 * Jersey's own container keeps a thread of the server for a client that reads or sends slowly.
 */
final class JerseyHost extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final String EXCHANGE = "dev.raftkv.exchange";
    private static final String JAR = "jar";
    private static final URI BASE = URI.create("http://node/");

    /** What a URI of the JDK has no place for. Jersey looks at the form of a path only; operations have the path as it came. */
    private static final Pattern FOREIGN = Pattern.compile("[^A-Za-z0-9/._~!$&'()*+,=:@-]");

    private static final Logger LOG = LoggerFactory.getLogger(JerseyHost.class);
    private static final long LAST_WAIT_SECONDS = 5;
    private static final long MAKING_SECONDS = 60;

    /** More than a server has threads. */
    private static final int MOST_IN_HAND = 1 << 20;

    private final transient Semaphore inHand = new Semaphore(MOST_IN_HAND);
    private final transient Replies replies;
    private final transient Function<Throwable, Answer> failures;
    private final transient ResourceConfig table;
    private final transient FutureTask<ApplicationHandler> making = new FutureTask<>(this::make);
    private transient ApplicationHandler jersey;

    /** @param operations all of the API */
    JerseyHost(List<Hosted> operations, Replies replies, Function<Throwable, Answer> failures) {
        this.replies = replies;
        this.failures = failures;
        this.table = quiet(new ResourceConfig()).registerResources(resources(operations));
    }

    private static Resource[] resources(List<Hosted> operations) {
        Map<String, Map<String, List<Hosted>>> routes = new LinkedHashMap<>();
        for (Hosted each : operations) {
            Operation operation = each.operation();
            routes.computeIfAbsent(operation.route(), route -> new LinkedHashMap<>())
                    .computeIfAbsent(operation.method(), method -> new ArrayList<>())
                    .add(each);
        }
        return routes.entrySet().stream()
                .map(route -> resource(route.getKey(), route.getValue()))
                .toArray(Resource[]::new);
    }

    /**
     * Routes are a table and not annotations, because Jersey warns at each start that it ignores resources registered as
     * instances, which it does not.
     */
    private static Resource resource(String route, Map<String, List<Hosted>> methods) {
        Resource.Builder resource = Resource.builder(route.replace("}", ": .+}"));
        methods.forEach((method, choice) -> resource.addMethod(method).handledBy(new Handler(choice)));
        return resource.build();
    }

    /** Nothing is looked for on the class path, and every status comes with the body that was made for it. */
    private static ResourceConfig quiet(ResourceConfig application) {
        return application
                .property(ServerProperties.WADL_FEATURE_DISABLE, true)
                .property(ServerProperties.FEATURE_AUTO_DISCOVERY_DISABLE, true)
                .property(ServerProperties.BV_FEATURE_DISABLE, true)
                .property(ServerProperties.MOXY_JSON_FEATURE_DISABLE, true)
                .property(ServerProperties.JSON_PROCESSING_FEATURE_DISABLE, true)
                .property(ServerProperties.JSON_BINDING_FEATURE_DISABLE, true)
                .property(CommonProperties.PROVIDER_DEFAULT_DISABLE, "ALL");
    }

    /** Makes Jersey on a thread of its own, while the node starts: it takes as long as a good part of that. */
    void prepare() {
        Thread maker = new Thread(making, "raftkv-routes");
        maker.setDaemon(true);
        maker.start();
    }

    @Override
    public void init() throws ServletException {
        making.run();
        try {
            jersey = making.get(MAKING_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new ServletException("Jersey is not ready", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServletException("interrupted", e);
        }
    }

    private ApplicationHandler make() {
        // Jersey reads its messages by a URL, and the JVM would keep the JAR file open that holds them, for longer
        // than a web application lives.
        boolean kept = URLConnection.getDefaultUseCaches(JAR);
        URLConnection.setDefaultUseCaches(JAR, false);
        try {
            return new ApplicationHandler(table);
        } finally {
            URLConnection.setDefaultUseCaches(JAR, kept);
        }
    }

    /**
     * Ends Jersey when it has no request in hand, which is soon. One that it has would leave what belongs to it behind, in a
     * thread of the server that outlives this application; and not all servers wait.
     */
    @Override
    public void destroy() {
        try {
            if (!inHand.tryAcquire(MOST_IN_HAND, LAST_WAIT_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("a request is still looked for an operation after {} s", LAST_WAIT_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        jersey.onShutdown(null);
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        replies.take(request, response, this::find);
    }

    private void find(Exchange exchange) {
        if (!inHand.tryAcquire()) {
            exchange.fail(new KvException(Code.UNAVAILABLE, "this node is stopping: ask another node"));
            return;
        }
        try {
            String path = exchange.request().path();
            PathRules.check(path);
            // Not resolved as a reference, in which two slashes would begin with another server's name.
            URI target = URI.create(BASE + FOREIGN.matcher(path).replaceAll("_"));
            ContainerRequest request = new ContainerRequest(
                    BASE,
                    target,
                    exchange.request().method(),
                    new Nobody(),
                    new MapPropertiesDelegate(),
                    jersey.getConfiguration());
            request.setProperty(EXCHANGE, exchange);
            request.setWriter(new Writer(exchange, failures));
            jersey.handle(request);
        } catch (RuntimeException | Error e) {
            exchange.fail(e);
        } finally {
            inHand.release();
        }
    }

    /** Jersey wants to know who asks; it has nothing to say about that. */
    private record Nobody() implements SecurityContext {
        @Override
        public Principal getUserPrincipal() {
            return null;
        }

        @Override
        public boolean isUserInRole(String role) {
            return false;
        }

        @Override
        public boolean isSecure() {
            return false;
        }

        @Override
        public String getAuthenticationScheme() {
            return null;
        }
    }

    /** A class and no lambda expression, of which Jersey could not see what it takes. */
    private record Handler(List<Hosted> choice) implements Inflector<ContainerRequestContext, Response> {
        /** Jersey's own answer is not sent: the operation has the exchange. */
        @Override
        public Response apply(ContainerRequestContext context) {
            Exchange exchange = (Exchange) context.getProperty(EXCHANGE);
            context.removeProperty(EXCHANGE);
            ((Writer) ((ContainerRequest) context).getResponseWriter()).beSilent();
            exchange.run(chosen(exchange.request()));
            return Response.noContent().build();
        }

        private Hosted chosen(Request request) {
            Hosted byDefault = null;
            for (Hosted each : choice) {
                String parameter = each.operation().chosenBy();
                if (parameter.isEmpty()) {
                    byDefault = each;
                } else if (Query.names(request.rawQuery(), parameter)) {
                    return each;
                }
            }
            return byDefault;
        }
    }

    /** Takes what Jersey answers by itself, where there is no operation. */
    private static final class Writer implements ContainerResponseWriter {
        private final Exchange exchange;
        private final Function<Throwable, Answer> failures;
        private final ByteArrayOutputStream body = new ByteArrayOutputStream(0);
        private boolean silent;
        private ContainerResponse made;

        Writer(Exchange exchange, Function<Throwable, Answer> failures) {
            this.exchange = exchange;
            this.failures = failures;
        }

        void beSilent() {
            silent = true;
        }

        @Override
        public OutputStream writeResponseStatusAndHeaders(long contentLength, ContainerResponse response) {
            made = response;
            return body;
        }

        @Override
        public void commit() {
            if (silent || made == null) {
                return;
            }
            if (made.getStatus() >= 400) {
                Response refusal = Response.status(made.getStatus())
                        .allow(made.getAllowedMethods())
                        .build();
                exchange.answer(failures.apply(new WebApplicationException(refusal)));
                return;
            }
            Answer answer = Answer.of(made.getStatus(), "text/plain", body.toByteArray());
            String allowed = made.getHeaderString(Headers.ALLOW);
            exchange.answer(allowed == null ? answer : answer.header(Headers.ALLOW, allowed));
        }

        @Override
        public void failure(Throwable error) {
            exchange.answer(failures.apply(error));
        }

        @Override
        public boolean suspend(long timeout, TimeUnit unit, TimeoutHandler handler) {
            return false;
        }

        @Override
        public void setSuspendTimeout(long timeout, TimeUnit unit) {
            throw new ContainerException("no operation is suspended by Jersey");
        }

        @Override
        public boolean enableResponseBuffering() {
            return true;
        }
    }
}
