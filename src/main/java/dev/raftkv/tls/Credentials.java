package dev.raftkv.tls;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * A key, its certificate and a trust that belong together.
 *
 * @param chain the node's certificate, and those between it and its authority
 * @param expires when the first of the certificates ends that the node cannot do without
 */
record Credentials(PrivateKey key, List<X509Certificate> chain, Trust trust, Instant expires) {
    /** The keys that Java's TLS can use, and how each signs. */
    private static final Map<String, String> SIGNATURES = Map.of("EC", "SHA256withECDSA", "RSA", "SHA256withRSA");

    private static final byte[] SIGNED = {'r', 'a', 'f', 't', 'k', 'v'};

    /**
     * @param directory that the files are from, for what errors say
     * @throws TlsException if one is not what it should be, if they do not belong together, or if the certificate does not
     *     hold now
     */
    static Credentials of(Path directory, PemFiles files) {
        Path certificate = directory.resolve(PemFiles.CERTIFICATE);
        Path authority = directory.resolve(PemFiles.AUTHORITY);
        List<X509Certificate> chain = certificates(certificate, files.certificate());
        for (X509Certificate each : chain) {
            requireNow(certificate, each);
        }
        PrivateKey key = key(directory, files.key(), chain.get(0).getPublicKey());
        List<X509Certificate> authorities = valid(authority, certificates(authority, files.authority()));
        Trust trust = Trust.in(authorities);
        try {
            trust.require(chain.toArray(X509Certificate[]::new));
        } catch (RefusedCertificate e) {
            throw new TlsException(
                    certificate + " does not hold by " + authority + " (" + e.getMessage()
                            + "): put the certificate of the authority there that has signed it",
                    e);
        }
        return new Credentials(key, chain, trust, expires(chain, authorities));
    }

    private static List<X509Certificate> certificates(Path file, String text) {
        try {
            List<X509Certificate> certificates = Pem.certificates(text);
            if (certificates.isEmpty()) {
                throw new TlsException(file + " holds no certificate: it must be PEM, text that begins with -----BEGIN "
                        + Pem.CERTIFICATE + "-----");
            }
            return certificates;
        } catch (CertificateException | IllegalArgumentException e) {
            throw new TlsException(file + " holds what is no certificate (" + e.getMessage() + "): copy it again", e);
        }
    }

    /** The JDK asks an authority for anything but that. */
    private static List<X509Certificate> valid(Path file, List<X509Certificate> authorities) {
        Instant now = Instant.now();
        List<X509Certificate> valid = authorities.stream()
                .filter(authority -> now.isBefore(authority.getNotAfter().toInstant()))
                .toList();
        if (valid.isEmpty()) {
            requireNow(file, authorities.get(0));
        }
        return valid;
    }

    private static void requireNow(Path file, X509Certificate certificate) {
        Instant now = Instant.now();
        String whose = file + ", the certificate of " + Explanation.subject(certificate);
        if (now.isAfter(certificate.getNotAfter().toInstant())) {
            throw new TlsException(whose + ", expired at "
                    + certificate.getNotAfter().toInstant() + ": put a new one there, and its key");
        }
        if (now.isBefore(certificate.getNotBefore().toInstant())) {
            throw new TlsException(whose + ", is not valid before "
                    + certificate.getNotBefore().toInstant() + ": look at this machine's clock, or put another there");
        }
    }

    private static PrivateKey key(Path directory, String text, PublicKey certified) {
        Path file = directory.resolve(PemFiles.KEY);
        List<byte[]> blocks;
        try {
            blocks = Pem.blocks(Pem.PRIVATE_KEY, text);
        } catch (IllegalArgumentException e) {
            throw new TlsException(file + " is damaged (" + e.getMessage() + "): copy it again", e);
        }
        if (blocks.size() != 1) {
            throw new TlsException(file + noKey(text));
        }
        String signature = SIGNATURES.get(certified.getAlgorithm());
        if (signature == null) {
            throw new TlsException(
                    directory.resolve(PemFiles.CERTIFICATE) + " is for a key of the kind " + certified.getAlgorithm()
                            + ", which Java's TLS cannot use: make one with an EC (P-256) or RSA key");
        }
        try {
            PrivateKey key = KeyFactory.getInstance(certified.getAlgorithm())
                    .generatePrivate(new PKCS8EncodedKeySpec(blocks.get(0)));
            if (belongs(key, certified, signature)) {
                return key;
            }
        } catch (InvalidKeySpecException e) {
            throw new TlsException(notOfCertificate(directory), e);
        } catch (GeneralSecurityException e) {
            throw new TlsException(file + " cannot be used (" + e + "): make another key", e);
        }
        throw new TlsException(notOfCertificate(directory));
    }

    private static String notOfCertificate(Path directory) {
        return directory.resolve(PemFiles.KEY) + " is not the key of " + directory.resolve(PemFiles.CERTIFICATE)
                + ": put the two there that were made together";
    }

    private static String noKey(String text) {
        List<String> labels = Pem.labels(text);
        if (labels.contains("ENCRYPTED PRIVATE KEY")) {
            return " is encrypted, and nobody could enter its password: openssl pkcs8 -in key.pem -out plain.pem";
        }
        return labels.stream().anyMatch(label -> label.endsWith(Pem.PRIVATE_KEY))
                ? " holds a key in a form that Java does not read: openssl pkcs8 -topk8 -nocrypt -in key.pem -out pkcs8.pem"
                : " holds no key: it must be PEM, text that begins with -----BEGIN " + Pem.PRIVATE_KEY + "-----";
    }

    private static boolean belongs(PrivateKey key, PublicKey certified, String algorithm)
            throws GeneralSecurityException {
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(SIGNED);
        byte[] signed = signature.sign();
        signature.initVerify(certified);
        signature.update(SIGNED);
        return signature.verify(signed);
    }

    /** Of an old and a new authority, only the one counts that the node's certificate is from. */
    private static Instant expires(List<X509Certificate> chain, List<X509Certificate> authorities) {
        X509Certificate last = chain.get(chain.size() - 1);
        return Stream.concat(
                        chain.stream(),
                        authorities.stream()
                                .filter(authority ->
                                        authority.getSubjectX500Principal().equals(last.getIssuerX500Principal())))
                .map(X509Certificate::getNotAfter)
                .map(Date::toInstant)
                .min(Instant::compareTo)
                .orElseThrow();
    }

    Tls.Managers managers() {
        return new Tls.Managers(chain.get(0), new OwnKey(key, chain), trust);
    }

    /** A context of its own, with no sessions of those before it: what was agreed on by other certificates ends. */
    SSLContext context() {
        Tls.Managers managers = managers();
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {managers.key()}, new TrustManager[] {managers.trust()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new TlsException("this Java cannot use the certificate (" + e + ")", e);
        }
    }
}
