package dev.raftkv.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Whom a client trusts, and how it shows who it is. Thread-safe. */
public final class Access {
    /** Of nodes that ask nobody who they are, over plain HTTP. */
    public static final Access OPEN = new Access(Optional.empty(), Optional.empty());

    private final Optional<SSLContext> trust;
    private final Optional<String> authorization;

    private Access(Optional<SSLContext> trust, Optional<String> authorization) {
        this.trust = trust;
        this.authorization = authorization;
    }

    /**
     * @param authority the file with the certificate of whoever vouches for the nodes
     * @param token that the nodes know
     */
    public static Access of(Path authority, String token) throws IOException {
        try (InputStream file = Files.newInputStream(authority)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry(
                    "authority", CertificateFactory.getInstance("X.509").generateCertificate(file));
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return new Access(Optional.of(context), Optional.of("Bearer " + token));
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot use " + authority, e);
        }
    }

    /** @param certificates whom the client trusts, and what it shows */
    static Access trusting(SSLContext certificates) {
        return new Access(Optional.of(certificates), Optional.empty());
    }

    /** The beginning of a client. */
    public HttpClient.Builder client() {
        HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
        trust.ifPresent(builder::sslContext);
        return builder;
    }

    /** The beginning of a request. */
    public HttpRequest.Builder request(URI url) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(url);
        authorization.ifPresent(shown -> builder.header("Authorization", shown));
        return builder;
    }
}
