package dev.raftkv.tls;

import java.security.KeyManagementException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/**
 * A context that becomes another: connections that are made after that know the new certificates only. Sessions of before
 * cannot be resumed, because nobody would look at their certificates again.
 */
final class LiveContext extends SSLContext {
    private final Delegate delegate;

    LiveContext(SSLContext first) {
        this(new Delegate(first), first);
    }

    private LiveContext(Delegate delegate, SSLContext first) {
        super(delegate, first.getProvider(), first.getProtocol());
        this.delegate = delegate;
    }

    void become(SSLContext next) {
        delegate.now = next;
    }

    private static final class Delegate extends SSLContextSpi {
        /** Older ones are broken. */
        private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

        /** The fastest first, and none without forward secrecy. */
        private static final List<String> CIPHERS = List.of(
                "TLS_AES_128_GCM_SHA256",
                "TLS_AES_256_GCM_SHA384",
                "TLS_CHACHA20_POLY1305_SHA256",
                "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

        private final SSLSocketFactory sockets = new LiveSockets(() -> now().getSocketFactory(), this::parameters);
        private volatile SSLContext now;

        Delegate(SSLContext first) {
            this.now = first;
        }

        private SSLContext now() {
            return now;
        }

        private SSLParameters parameters() {
            SSLParameters parameters = new SSLParameters();
            Set<String> supported =
                    Set.copyOf(Arrays.asList(now.getSupportedSSLParameters().getCipherSuites()));
            parameters.setProtocols(PROTOCOLS);
            parameters.setCipherSuites(
                    CIPHERS.stream().filter(supported::contains).toArray(String[]::new));
            parameters.setUseCipherSuitesOrder(true);
            return parameters;
        }

        private SSLEngine prepared(SSLEngine engine) {
            engine.setSSLParameters(parameters());
            return engine;
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            return prepared(now.createSSLEngine());
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            return prepared(now.createSSLEngine(host, port));
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            return sockets;
        }

        /** A server socket keeps the certificate of its time. */
        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            return now.getServerSocketFactory();
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            return now.getServerSessionContext();
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            return now.getClientSessionContext();
        }

        @Override
        protected SSLParameters engineGetDefaultSSLParameters() {
            return parameters();
        }

        @Override
        protected SSLParameters engineGetSupportedSSLParameters() {
            return parameters();
        }

        @Override
        protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random)
                throws KeyManagementException {
            throw new KeyManagementException("its certificates are read from a directory");
        }
    }
}
