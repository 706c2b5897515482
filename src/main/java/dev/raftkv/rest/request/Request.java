package dev.raftkv.rest.request;

import dev.raftkv.access.Caller;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.channels.WritableByteChannel;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A request as it came in. It outlives the container's own, which is used again when the exchange is over, so what counts is
 * copied. Immutable.
 */
public final class Request {
    /** The attribute of the container's request with the {@link Caller}; without it nobody asks, who may do nothing. */
    public static final String CALLER = "dev.raftkv.caller";

    /** The attribute of the container's request with its {@link dev.raftkv.access.Sealed}, if another node has sealed it. */
    public static final String SEALED = "dev.raftkv.sealed";

    /** What a client says beside target and body; the first ones are sent on with a request that another node answers. */
    private static final String[] COUNTED = {
        Headers.CONTENT_TYPE,
        Headers.IF_MATCH,
        Headers.IF_NONE_MATCH,
        Headers.IDEMPOTENCY_KEY,
        Headers.FORWARDED,
        Headers.FOLLOWER_WRITES,
        Headers.ORIGIN,
        Headers.LAST_EVENT_ID,
        Headers.ACCEPT_ENCODING,
        Headers.CONTENT_LENGTH
    };

    private static final String TOKEN = "token";
    private static final String BEARER = "Bearer";
    private static final int SENT_ON = 4;
    private static final byte[] NO_BODY = {};

    private final Caller caller;
    private final String method;
    private final String path;
    private final String query;
    private final String[] headers;
    private final Query parameters;
    private final byte[] body;
    private final Function<WritableByteChannel, CompletableFuture<byte[]>> upload;
    private final Executor others;

    private Request(
            Caller caller,
            String method,
            String path,
            String query,
            String[] headers,
            Query parameters,
            byte[] body,
            Function<WritableByteChannel, CompletableFuture<byte[]>> upload,
            Executor others) {
        this.caller = caller;
        this.method = method;
        this.path = path;
        this.query = query;
        this.headers = headers;
        this.parameters = parameters;
        this.body = body;
        this.upload = upload;
        this.others = others;
    }

    /** The request that a container has received, without its body, on a thread that may wait for the store. */
    public static Request of(HttpServletRequest request) {
        return of(request, null);
    }

    /**
     * The same.
     *
     * @param others threads that may wait for the store, if this one must not; null if it may
     */
    public static Request of(HttpServletRequest request, Executor others) {
        String[] headers = new String[COUNTED.length];
        for (int i = 0; i < headers.length; i++) {
            headers[i] = lines(request, COUNTED[i]);
        }
        return new Request(
                request.getAttribute(CALLER) instanceof Caller known ? known : Caller.NOBODY,
                request.getMethod(),
                path(request),
                request.getQueryString(),
                headers,
                Query.NONE,
                NO_BODY,
                Request::noUpload,
                others);
    }

    /**
     * All of the path where the context root is written in another way, as servers allow: what follows it there cannot be told,
     * and none of our paths is like this.
     */
    private static String path(HttpServletRequest request) {
        String uri = request.getRequestURI();
        String context = request.getContextPath();
        int root = context.length();
        if (uri.length() <= root) {
            return "";
        }
        return uri.substring(uri.startsWith(context) && uri.charAt(root) == '/' ? root + 1 : 1);
    }

    /**
     * What a client of Consul shows of who it is: in the query, in a field of its own, or as others do. An empty one is none, and so
     * the next one counts.
     */
    public static Optional<String> consulToken(HttpServletRequest request) {
        return Query.first(request.getQueryString(), TOKEN)
                .filter(token -> !token.isEmpty())
                .or(() -> Optional.ofNullable(request.getHeader(Headers.CONSUL_TOKEN))
                        .filter(token -> !token.isEmpty()))
                .or(() -> bearer(request.getHeader(Headers.AUTHORIZATION)));
    }

    /** Consul takes the first word, whatever follows it. */
    private static Optional<String> bearer(String line) {
        String[] words = line == null ? new String[0] : line.strip().split(" +");
        return words.length > 1 && words[0].equalsIgnoreCase(BEARER) ? Optional.of(words[1]) : Optional.empty();
    }

    /** Whether a client says that a token follows, and none does. */
    public static boolean showsEmptyToken(HttpServletRequest request) {
        String line = request.getHeader(Headers.AUTHORIZATION);
        return line != null && line.strip().equalsIgnoreCase(BEARER);
    }

    /** The same request without what its client has shown of who it is: that goes to no other node. */
    public Request withoutToken() {
        return query == null
                ? this
                : new Request(
                        caller, method, path, Query.without(query, TOKEN), headers, parameters, body, upload, others);
    }

    /** The same request without its query. */
    public Request withoutQuery() {
        return new Request(caller, method, path, null, headers, parameters, body, upload, others);
    }

    /** Path and query of a request that has come, as {@link #target()}. */
    public static String target(HttpServletRequest request) {
        return target(path(request), request.getQueryString());
    }

    private static String target(String path, String query) {
        return "/" + path + (query == null ? "" : "?" + query);
    }

    /**
     * A request of this node's own.
     *
     * @param headers those that count
     */
    public static Request of(String method, String path, String query, Map<String, String> headers, byte[] body) {
        String[] values = new String[COUNTED.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = headers.get(COUNTED[i]);
        }
        return new Request(Caller.NOBODY, method, path, query, values, Query.NONE, body, Request::noUpload, null);
    }

    /** A header field, its lines joined by commas; null if there is none. */
    public static String lines(HttpServletRequest request, String name) {
        String first = request.getHeader(name);
        return first == null ? null : String.join(", ", Collections.list(request.getHeaders(name)));
    }

    /** The same request, with its parameters and its body. */
    public Request with(Query known, byte[] content) {
        return known == parameters && content == body
                ? this
                : new Request(caller, method, path, query, headers, known, content, upload, others);
    }

    /** The same request, begun by a thread that may wait for the store. */
    public Request onThreadThatMayWait() {
        return others == null
                ? this
                : new Request(caller, method, path, query, headers, parameters, body, upload, null);
    }

    /** Whether the thread that begins it may wait for the store: if not, there is {@link #elsewhere}. */
    public boolean mayWait() {
        return others == null;
    }

    /** Carries it on by a thread that may wait. */
    public <T> CompletionStage<T> elsewhere(Supplier<CompletionStage<T>> rest) {
        return CompletableFuture.supplyAsync(rest, others).thenCompose(Function.identity());
    }

    /** Who asks. */
    public Caller caller() {
        return caller;
    }

    private static CompletableFuture<byte[]> noUpload(WritableByteChannel file) {
        return CompletableFuture.completedFuture(NO_BODY);
    }

    /** The same request, whose body comes later. */
    public Request taking(Function<WritableByteChannel, CompletableFuture<byte[]>> body) {
        return new Request(caller, method, path, query, headers, parameters, NO_BODY, body, others);
    }

    /**
     * Takes a body that comes while the operation is under way. Called once, and while the operation begins.
     *
     * @param file written to by one thread at a time, which it may keep waiting; closed by the caller when the future has ended
     * @return ends with no bytes when all is in the file, or with a {@link dev.raftkv.model.KvException} if it breaks off; who
     *     ends it before wants no more
     */
    public CompletableFuture<byte[]> receive(WritableByteChannel file) {
        return upload.apply(file);
    }

    public String method() {
        return method;
    }

    /** Under the context root, encoded as the client encoded it, without a slash in front. */
    public String path() {
        return path;
    }

    /** As the client encoded it, or null. */
    public String rawQuery() {
        return query;
    }

    /** The parameters, all of which the operation knows. */
    public Query query() {
        return parameters;
    }

    /** Not to be changed; empty if there is none. */
    public byte[] body() {
        return body;
    }

    /** Path and query, as they stand behind the address of a node. */
    public String target() {
        return target(path, query);
    }

    /** A header field, whose lines are joined by commas; one of those that count. */
    public Optional<String> header(String name) {
        for (int i = 0; i < COUNTED.length; i++) {
            if (COUNTED[i].equals(name)) {
                return Optional.ofNullable(headers[i]);
            }
        }
        throw new IllegalArgumentException(name);
    }

    /** The header fields that make it this request, to be sent on with it. */
    public Map<String, String> headersToSendOn() {
        Map<String, String> sent = new LinkedHashMap<>();
        for (int i = 0; i < SENT_ON; i++) {
            if (headers[i] != null) {
                sent.put(COUNTED[i], headers[i]);
            }
        }
        return sent;
    }
}
