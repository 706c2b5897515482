package dev.raftkv.peer;

import dev.raftkv.access.Asked;
import dev.raftkv.access.Seals;
import dev.raftkv.tls.Tls;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URL;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.HttpsURLConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP client of a node for all that it asks of other nodes. Whatever holds for all of it, such as who asks and whom to
 * trust, has its place here: each request is sealed, if there is a secret.
 *
 * <p>Built on {@link HttpURLConnection}, because {@code java.net.http.HttpClient} cannot be closed before Java 21, and its
 * selector thread would outlive a redeployed web application.
 */
public final class NodeHttp {
    private static final Logger LOG = LoggerFactory.getLogger(NodeHttp.class);
    private static final long TELL_NANOS = Duration.ofMinutes(1).toNanos();

    private final String nodeId;
    private final Seals seals;
    private final Optional<Tls> tls;
    private final AtomicLong told = new AtomicLong(System.nanoTime() - TELL_NANOS);

    /**
     * @param nodeId this node, after which threads are named
     * @param tls shown to others, and asked whom to believe; without it, those count whom the JDK trusts
     */
    public NodeHttp(String nodeId, Seals seals, Optional<Tls> tls) {
        this.nodeId = nodeId;
        this.seals = seals;
        this.tls = tls;
    }

    /** How the nodes know each other. */
    public Seals seals() {
        return seals;
    }

    /**
     * A way of its own, to be closed by whoever asks for it: what is sent on it never waits for what is sent on others.
     *
     * @param purpose its threads are named so
     * @param threads how many requests may be under way at once
     * @param waiting how many more may wait for that
     */
    public Lane lane(String purpose, int threads, int waiting) {
        return new Lane(this, "raftkv-" + nodeId + "-" + purpose, threads, waiting);
    }

    /** Says by whom the request is made, just before it is sent; empty if this node has no secret. */
    Optional<Seals.Made> seal(NodeRequest request) {
        return seals.seal(
                new Asked(request.method(), request.target(), request.headers()::get),
                request.sent(),
                request.to().nodeId());
    }

    /** Tells the log, once a minute at most, that another node does not take this one for what it is. */
    void heed(NodeRequest request, NodeAnswer answer) {
        if (!answer.isDistrust()) {
            return;
        }
        long now = System.nanoTime();
        long last = told.get();
        if (now - last >= TELL_NANOS && told.compareAndSet(last, now)) {
            LOG.warn(
                    "node {} asked {} {}, and was answered {}: {}",
                    nodeId,
                    request.method(),
                    request.url(),
                    answer.status(),
                    seals.areUsed()
                            ? "the nodes do not know each other: all need the same RAFT_NODE_SECRET, and clocks that"
                                    + " agree; the log of that node says more"
                            : "set RAFT_NODE_SECRET, the same on all nodes");
        }
    }

    /** A connection that is to be made, to send the request on. */
    HttpURLConnection open(NodeRequest request, Optional<Seals.Made> seal) throws IOException {
        if (!(new URL(request.url()).openConnection(Proxy.NO_PROXY) instanceof HttpURLConnection connection)) {
            throw new IOException(request.url() + " is no HTTP address");
        }
        if (connection instanceof HttpsURLConnection encrypted) {
            tls.ifPresent(own -> encrypted.setSSLSocketFactory(own.context().getSocketFactory()));
        }
        connection.setConnectTimeout(millis(request.connect()));
        connection.setReadTimeout(millis(request.silence()));
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setRequestMethod(request.method());
        connection.setRequestProperty("Accept", "*/*");
        connection.setRequestProperty("User-Agent", Seals.AGENT);
        if (request.hasBody()) {
            connection.setDoOutput(true);
            // A body of fixed length is what keeps the JDK from sending a request again by itself, also an empty one.
            connection.setFixedLengthStreamingMode(request.body().length);
            // The JDK would call a missing one a form.
            connection.setRequestProperty("Content-Type", "application/json");
        }
        request.headers().forEach(connection::setRequestProperty);
        seal.ifPresent(made -> connection.setRequestProperty(Seals.HEADER, made.text()));
        return connection;
    }

    /** None would be for ever. */
    private static int millis(Duration duration) {
        return (int) Math.max(1, duration.toMillis());
    }
}
