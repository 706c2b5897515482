package dev.raftkv.rest.cluster;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Headers;
import dev.raftkv.rest.http.Request;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URL;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends requests on to the leader and relays its answers. Each is sent at most once: a second copy of a write could undo
 * what came between them.
 *
 * <p>Built on {@link HttpURLConnection}, because {@code java.net.http.HttpClient} cannot be closed before Java 21, and its
 * selector thread would outlive a redeployed web application.
 */
public final class LeaderForwarder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderForwarder.class);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);
    private static final int THREADS = 16;

    /** For barriers: one is under way for all who wait, and one more when another node leads meanwhile. */
    private static final int BARRIER_THREADS = 4;

    private static final int NOT_MODIFIED = 304;
    private static final int WAITING = 1024;
    private static final String[] RELAYED = {
        Headers.LOCATION,
        Headers.RETRY_AFTER,
        Headers.ETAG,
        Headers.LINK,
        Headers.NODE,
        Headers.REVISION,
        Headers.CONSISTENCY,
        Headers.TTL,
        "X-Content-Type-Options",
        "Content-Security-Policy"
    };

    private final String nodeId;
    private final ThreadPoolExecutor threads;
    private final Set<HttpURLConnection> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** @param nodeId this node, of which the leader is told */
    public LeaderForwarder(String nodeId) {
        this(nodeId, "forward", THREADS);
    }

    /** For barriers alone: those who read wait for them, and must not wait for what others write. */
    public static LeaderForwarder forBarriers(String nodeId) {
        return new LeaderForwarder(nodeId, "barrier", BARRIER_THREADS);
    }

    private LeaderForwarder(String nodeId, String purpose, int count) {
        this.nodeId = nodeId;
        this.threads = new ThreadPoolExecutor(
                count, count, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), named(nodeId, purpose));
        this.threads.allowCoreThreadTimeOut(true);
    }

    private static ThreadFactory named(String nodeId, String purpose) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, "raftkv-" + nodeId + "-" + purpose + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /**
     * Never blocks. The future ends with the leader's answer, of whatever status, whose body may still be on its way, or with a {@link KvException}:
     * {@code UNAVAILABLE} if nothing was sent, {@code OUTCOME_UNKNOWN} if no answer came.
     *
     * @param address the leader's context root, an absolute URL without a trailing slash
     * @param timeout how long the leader may be silent
     */
    CompletableFuture<Answer> forward(Request request, String address, Duration timeout) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        long asked = System.nanoTime();
        try {
            threads.execute(() -> {
                try {
                    requireTimely(asked);
                    answer.complete(exchange(request, address, timeout));
                } catch (RuntimeException | Error e) {
                    answer.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(unsent("too many requests wait to be forwarded", e));
        }
        return answer;
    }

    private void requireTimely(long asked) {
        if (closed) {
            throw unsent("this node is stopping", null);
        }
        if (System.nanoTime() - asked > LONGEST_WAIT.toNanos()) {
            throw unsent("too many requests wait to be forwarded", null);
        }
    }

    private Answer exchange(Request request, String address, Duration timeout) {
        HttpURLConnection connection = connect(request, address, timeout);
        open.add(connection);
        boolean goesOn = false;
        try {
            send(request, connection);
            Answer answer = answer(connection, request);
            goesOn = answer.comesInPieces();
            return answer;
        } catch (IOException e) {
            throw unknown(address, e);
        } catch (Error e) {
            LOG.error("a request to the leader at {} broke off", address, e);
            throw unknown(address, e);
        } finally {
            if (!goesOn) {
                open.remove(connection);
            }
        }
    }

    private static KvException unknown(String address, Throwable cause) {
        return new KvException(
                Code.OUTCOME_UNKNOWN,
                "the leader at " + address + " was sent the request and did not answer:"
                        + " it may or may not have been carried out",
                cause);
    }

    private HttpURLConnection connect(Request request, String address, Duration timeout) {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) new URL(address + request.target()).openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout((int) CONNECT_TIMEOUT.toMillis());
            connection.setReadTimeout((int) timeout.toMillis());
            connection.setInstanceFollowRedirects(false);
            connection.setUseCaches(false);
            connection.setRequestMethod(request.method());
            connection.setDoOutput(hasBody(request));
            // A body of fixed length is what keeps the JDK from sending a request again by itself, also an empty one.
            if (hasBody(request)) {
                connection.setFixedLengthStreamingMode(request.body().length);
            }
            connection.setRequestProperty(Headers.ACCEPT, "*/*");
            connection.setRequestProperty(Headers.FORWARDED, nodeId);
            if (hasBody(request)) {
                // The JDK would call a missing one a form.
                connection.setRequestProperty(Headers.CONTENT_TYPE, "application/json");
            }
            request.headersToSendOn().forEach(connection::setRequestProperty);
            connection.connect();
            return connection;
        } catch (IOException e) {
            throw unsent("the leader at " + address + " cannot be reached", e);
        }
    }

    private static boolean hasBody(Request request) {
        return !request.method().equals("GET") && !request.method().equals("HEAD");
    }

    private static void send(Request request, HttpURLConnection connection) throws IOException {
        if (!hasBody(request)) {
            return;
        }
        try (OutputStream body = connection.getOutputStream()) {
            body.write(request.body());
        }
    }

    private Answer answer(HttpURLConnection connection, Request request) throws IOException {
        int status = connection.getResponseCode();
        if (status < 0) {
            throw new IOException("the answer is no HTTP");
        }
        boolean bodiless = request.method().equals("HEAD") || status == NOT_MODIFIED;
        Answer answer = bodiless ? Answer.empty(status) : withBody(status, connection);
        for (String name : RELAYED) {
            add(answer, name, connection);
        }
        if (bodiless) {
            // No body comes, and the length is that of the one that another request would bring.
            add(answer, Headers.CONTENT_TYPE, connection);
            add(answer, Headers.CONTENT_LENGTH, connection);
        }
        return answer;
    }

    private Answer withBody(int status, HttpURLConnection connection) throws IOException {
        String type = connection.getContentType();
        InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream();
        if (body == null) {
            return Answer.of(status, type, new byte[0]);
        }
        byte[] first = body.readNBytes(Relay.PIECE);
        long length = connection.getContentLengthLong();
        if (first.length == Relay.PIECE) {
            Answer answer = Answer.of(status, type, new Relay(first, body, length, threads, () -> end(connection)));
            return length < 0 ? answer : answer.header(Headers.CONTENT_LENGTH, length);
        }
        body.close();
        if (first.length < length) {
            throw new IOException("the answer is shorter than it says");
        }
        return Answer.of(status, type, first);
    }

    private void end(HttpURLConnection connection) {
        connection.disconnect();
        open.remove(connection);
    }

    private static void add(Answer answer, String name, HttpURLConnection connection) {
        String value = connection.getHeaderField(name);
        if (value != null) {
            answer.header(name, value);
        }
    }

    private static KvException unsent(String reason, Exception cause) {
        return new KvException(Code.UNAVAILABLE, reason + ": nothing was changed, try again in a moment", cause);
    }

    /** Cuts what is under way off, as its clients are going too; leaves no thread behind. */
    @Override
    public void close() {
        closed = true;
        threads.shutdown();
        open.forEach(HttpURLConnection::disconnect);
        try {
            threads.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
