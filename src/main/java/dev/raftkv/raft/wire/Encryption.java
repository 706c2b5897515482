package dev.raftkv.raft.wire;

import dev.raftkv.tls.Tls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.PKIXReason;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.X509TrustManager;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBufAllocator;
import org.apache.ratis.thirdparty.io.netty.channel.Channel;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.ClientAuth;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.NotSslRecordException;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.OpenSsl;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.OpenSslCertificateException;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.OpenSslContextOption;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslContext;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslContextBuilder;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslHandler;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslProvider;
import org.apache.ratis.thirdparty.io.netty.internal.tcnative.CertificateVerifier;
import org.apache.ratis.thirdparty.io.netty.util.ReferenceCountUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections by TLS 1.3, with certificates on both sides. They are BoringSSL's, of the native library in Ratis' jar, where that
 * can be had, which takes a third of the time for a message; else the JDK's. A server that loads web applications again cannot
 * have it: a library is loaded once into a JVM, and keeps the application that has loaded it.
 */
final class Encryption implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Encryption.class);

    private static final String PROTOCOL = "TLSv1.3";

    private final String node;
    private final Tls tls;
    private final boolean alone;
    private final Executor handshakes;
    private Optional<Library> library = Optional.empty();

    /**
     * @param node for the log
     * @param alone whether this application has the JVM to itself
     * @param handshakes do what takes time in a handshake
     */
    Encryption(String node, Tls tls, boolean alone, Executor handshakes) {
        this.node = node;
        this.tls = tls;
        this.alone = alone;
        this.handshakes = handshakes;
    }

    /** Finds out whose TLS it is, and says so. */
    void open() {
        Library found = new Library();
        Optional<String> obstacle = alone
                ? Library.obstacle().or(() -> found.take(tls.managers()))
                : Optional.of("in a server that may load an application again the native library cannot be used");
        if (obstacle.isEmpty()) {
            library = Optional.of(found);
        }
        LOG.info(
                "{}: TLS at the Raft port is {}",
                node,
                obstacle.map(why -> "the JDK's: " + why).orElse("BoringSSL's"));
    }

    SslHandler handler(ByteBufAllocator memory, boolean dials, long handshakeMillis) {
        SslHandler handler = library.flatMap(each -> each.handler(tls.managers(), memory, dials, handshakes))
                .orElseGet(() -> new SslHandler(engine(dials), handshakes));
        handler.setHandshakeTimeoutMillis(handshakeMillis);
        return handler;
    }

    /** The JDK's. */
    private SSLEngine engine(boolean dials) {
        SSLEngine engine = tls.context().createSSLEngine();
        engine.setUseClientMode(dials);
        if (!dials) {
            engine.setNeedClientAuth(true);
        }
        engine.setEnabledProtocols(new String[] {PROTOCOL});
        return engine;
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
            return Stream.of(handler.engine().getSession().getPeerCertificates())
                    .toArray(X509Certificate[]::new);
        } catch (SSLPeerUnverifiedException e) {
            return new X509Certificate[0];
        }
    }

    /** Whom the node's certificate names that was shown, if an authority of ours vouches for it now; cheap. */
    Optional<String> name(X509Certificate[] shown) {
        return tls.verifiedNode(shown);
    }

    /** To be called when there are no more connections. */
    @Override
    public void close() {
        library.ifPresent(Library::close);
    }

    /** What BoringSSL needs for connections by the certificates of the moment. Its memory is freed here, and by no collector. */
    static final class Library implements AutoCloseable {
        /** What is loaded into this process. */
        private static final Path LOADED = Path.of("/proc/self/maps");
        /** BoringSSL takes P-256 and P-384, but not P-521. */
        private static final int LONGEST_EC_KEY = 384;

        private Tls.Managers current;
        private SslContext dialing;
        private SslContext answering;
        private boolean closed;

        /** Why it cannot be used in this JVM. */
        static Optional<String> obstacle() {
            if (usesMusl(LOADED)) {
                // It may be loaded there all the same, and then ends the process when it is called.
                return Optional.of("this Java is one for musl, and the native library for glibc");
            }
            return OpenSsl.isAvailable()
                    ? Optional.empty()
                    : Optional.of(
                            "the native library cannot be loaded here (" + reason(OpenSsl.unavailabilityCause()) + ")");
        }

        private static Optional<String> obstacle(X509Certificate certificate) {
            return certificate.getPublicKey() instanceof ECPublicKey key
                            && key.getParams().getOrder().bitLength() > LONGEST_EC_KEY
                    ? Optional.of("the native library does not know the node's kind of key, an EC key of "
                            + key.getParams().getOrder().bitLength() + " bits; P-256 is fast")
                    : Optional.empty();
        }

        static boolean usesMusl(Path loaded) {
            try {
                return Files.readString(loaded, StandardCharsets.ISO_8859_1).contains("/ld-musl-");
            } catch (IOException e) {
                // Another system than Linux has neither.
                return false;
            }
        }

        /** Netty tries several names; the first is that of this system. */
        private static String reason(Throwable unavailable) {
            Throwable first = Stream.of(unavailable.getSuppressed()).findFirst().orElse(unavailable);
            return (first.getCause() == null ? first : first.getCause()).getMessage();
        }

        /** Empty if it cannot be used with these certificates, or any more. */
        synchronized Optional<SslHandler> handler(
                Tls.Managers managers, ByteBufAllocator memory, boolean dials, Executor handshakes) {
            if (!closed && !managers.equals(current)) {
                take(managers).ifPresent(why -> LOG.warn("TLS at the Raft port is the JDK's from now on: {}", why));
            }
            return Optional.ofNullable(dials ? dialing : answering)
                    .map(context -> context.newHandler(memory, handshakes));
        }

        /** Connections will be by these certificates; or says why they cannot. */
        synchronized Optional<String> take(Tls.Managers managers) {
            release();
            current = managers;
            return obstacle(managers.certificate()).or(() -> {
                try {
                    dialing = build(SslContextBuilder.forClient().keyManager(managers.key()), managers);
                    answering =
                            build(SslContextBuilder.forServer(managers.key()).clientAuth(ClientAuth.REQUIRE), managers);
                    return Optional.empty();
                } catch (SSLException | RuntimeException e) {
                    release();
                    return Optional.of("the native library does not take the node's certificate (" + e + ")");
                }
            });
        }

        /** As the JDK's: no tickets, and no names of hosts. The fastest cipher on this processor is chosen by itself. */
        private static SslContext build(SslContextBuilder builder, Tls.Managers managers) throws SSLException {
            return builder.sslProvider(SslProvider.OPENSSL_REFCNT)
                    .protocols(PROTOCOL)
                    .trustManager(new Judge(managers.trust()))
                    .endpointIdentificationAlgorithm(null)
                    .option(OpenSslContextOption.USE_TASKS, true)
                    .build();
        }

        /** Connections that have begun keep what they need. */
        private void release() {
            ReferenceCountUtil.release(dialing);
            ReferenceCountUtil.release(answering);
            dialing = null;
            answering = null;
        }

        @Override
        public synchronized void close() {
            closed = true;
            release();
        }
    }

    /** Lets BoringSSL tell the other side why its certificate is refused; else that would be an internal error. */
    private record Judge(X509TrustManager trust) implements X509TrustManager {
        private interface Check {
            void run() throws CertificateException;
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            check(() -> trust.checkClientTrusted(chain, authType));
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            check(() -> trust.checkServerTrusted(chain, authType));
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return trust.getAcceptedIssuers();
        }

        private static void check(Check check) throws CertificateException {
            try {
                check.run();
            } catch (CertificateException e) {
                throw new OpenSslCertificateException(e.getMessage(), e, number(e));
            }
        }

        private static int number(CertificateException refused) {
            for (Throwable cause = refused; cause != null; cause = cause.getCause()) {
                if (cause instanceof CertPathBuilderException) {
                    return CertificateVerifier.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
                }
                if (cause instanceof CertPathValidatorException invalid) {
                    return number(invalid.getReason());
                }
            }
            return CertificateVerifier.X509_V_ERR_INVALID_PURPOSE;
        }

        private static int number(CertPathValidatorException.Reason reason) {
            if (reason == BasicReason.EXPIRED) {
                return CertificateVerifier.X509_V_ERR_CERT_HAS_EXPIRED;
            }
            if (reason == BasicReason.NOT_YET_VALID) {
                return CertificateVerifier.X509_V_ERR_CERT_NOT_YET_VALID;
            }
            return reason == PKIXReason.NO_TRUST_ANCHOR || reason == BasicReason.INVALID_SIGNATURE
                    ? CertificateVerifier.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
                    : CertificateVerifier.X509_V_ERR_INVALID_PURPOSE;
        }
    }
}
