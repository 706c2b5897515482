package dev.raftkv.raft.wire;

import dev.raftkv.tls.Tls;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.ratis.thirdparty.io.netty.channel.Channel;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.NotSslRecordException;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslHandler;

/**
 * Connections by TLS 1.3, with certificates on both sides. It is the JDK's: native libraries cannot be loaded twice into one
 * JVM, and a web application is loaded again at each redeploy.
 */
final class Encryption {
    private static final String[] PROTOCOLS = {"TLSv1.3"};

    private final Tls tls;
    private final Executor handshakes;

    /** @param handshakes do what takes time in a handshake */
    Encryption(Tls tls, Executor handshakes) {
        this.tls = tls;
        this.handshakes = handshakes;
    }

    SslHandler handler(boolean dials, long handshakeMillis) {
        SSLEngine engine = tls.context().createSSLEngine();
        engine.setUseClientMode(dials);
        if (!dials) {
            engine.setNeedClientAuth(true);
        }
        engine.setEnabledProtocols(PROTOCOLS);
        SslHandler handler = new SslHandler(engine, handshakes);
        handler.setHandshakeTimeoutMillis(handshakeMillis);
        return handler;
    }

    /** Why there is no connection, or none any more. */
    static String explain(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof NotSslRecordException) {
                return "it does not speak TLS and this node does: set RAFT_TLS on all nodes, or on none; if it is a node of"
                        + " an older version: stop all nodes, and start all with the same version of raftkv";
            }
        }
        return Tls.explain(failure);
    }

    /** What the other end of a connection has shown; to be asked for when the handshake is over. */
    static X509Certificate[] shown(Channel channel) {
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        try {
            return (X509Certificate[]) handler.engine().getSession().getPeerCertificates();
        } catch (SSLPeerUnverifiedException e) {
            return new X509Certificate[0];
        }
    }

    /** Whom the node's certificate names that was shown, if an authority of ours vouches for it now; cheap. */
    Optional<String> name(X509Certificate[] shown) {
        return tls.verifiedNode(shown);
    }
}
