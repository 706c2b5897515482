package dev.raftkv.peer;

import dev.raftkv.tls.Tls;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URL;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;

/**
 * The HTTP client of a node for all that it asks of other nodes. Whatever holds for all of it, such as who asks and whom to
 * trust, has its place here.
 *
 * <p>Built on {@link HttpURLConnection}, because {@code java.net.http.HttpClient} cannot be closed before Java 21, and its
 * selector thread would outlive a redeployed web application.
 */
public final class NodeHttp {
    private final String nodeId;
    private final Optional<Tls> tls;

    /**
     * @param nodeId this node, after which threads are named
     * @param tls shown to others, and asked whom to believe; without it, those count whom the JDK trusts
     */
    public NodeHttp(String nodeId, Optional<Tls> tls) {
        this.nodeId = nodeId;
        this.tls = tls;
    }

    /** Of a node without certificates. */
    public NodeHttp(String nodeId) {
        this(nodeId, Optional.empty());
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

    /** A connection that is to be made, to send the request on. */
    HttpURLConnection open(NodeRequest request) throws IOException {
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
        if (request.hasBody()) {
            connection.setDoOutput(true);
            // A body of fixed length is what keeps the JDK from sending a request again by itself, also an empty one.
            connection.setFixedLengthStreamingMode(request.body().length);
            // The JDK would call a missing one a form.
            connection.setRequestProperty("Content-Type", "application/json");
        }
        request.headers().forEach(connection::setRequestProperty);
        return connection;
    }

    /** None would be for ever. */
    private static int millis(Duration duration) {
        return (int) Math.max(1, duration.toMillis());
    }
}
