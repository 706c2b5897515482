package dev.raftkv.tls;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Believes whom one of some authorities vouches for, by the rules of the JDK, and says in a sentence why it does not. */
final class Trust extends X509ExtendedTrustManager {
    /** For a certificate outside of a handshake. */
    private static final String ANY_KEY_EXCHANGE = "UNKNOWN";

    private final X509ExtendedTrustManager rules;

    private Trust(X509ExtendedTrustManager rules) {
        this.rules = rules;
    }

    static Trust in(List<X509Certificate> authorities) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (X509Certificate authority : authorities) {
                store.setCertificateEntry("authority-" + store.size(), authority);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            return new Trust(Arrays.stream(factory.getTrustManagers())
                    .filter(X509ExtendedTrustManager.class::isInstance)
                    .map(X509ExtendedTrustManager.class::cast)
                    .findFirst()
                    .orElseThrow());
        } catch (GeneralSecurityException | IOException e) {
            throw new TlsException("this Java cannot use the authority's certificate (" + e + ")", e);
        }
    }

    /** @throws RefusedCertificate if the certificate is not good for both sides of a connection */
    void require(X509Certificate[] chain) throws RefusedCertificate {
        checkServerTrusted(chain, ANY_KEY_EXCHANGE);
        checkClientTrusted(chain, ANY_KEY_EXCHANGE);
    }

    /** @throws RefusedCertificate if whoever has it may not show it to a server */
    void requireClient(X509Certificate[] chain) throws RefusedCertificate {
        checkClientTrusted(chain, ANY_KEY_EXCHANGE);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws RefusedCertificate {
        check(chain, () -> rules.checkClientTrusted(chain, authType));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws RefusedCertificate {
        check(chain, () -> rules.checkServerTrusted(chain, authType));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) throws RefusedCertificate {
        check(chain, () -> rules.checkClientTrusted(chain, authType, socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) throws RefusedCertificate {
        check(chain, () -> rules.checkServerTrusted(chain, authType, socket));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws RefusedCertificate {
        check(chain, () -> rules.checkClientTrusted(chain, authType, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws RefusedCertificate {
        check(chain, () -> rules.checkServerTrusted(chain, authType, engine));
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return rules.getAcceptedIssuers();
    }

    private static void check(X509Certificate[] chain, Check check) throws RefusedCertificate {
        try {
            check.run();
        } catch (CertificateException e) {
            throw new RefusedCertificate(Explanation.refusal(chain, e), e);
        }
    }

    private interface Check {
        void run() throws CertificateException;
    }
}
