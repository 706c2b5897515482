package dev.raftkv.launch.certs;

import dev.raftkv.tls.Pem;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.List;
import javax.security.auth.x500.X500Principal;

/** Whose signature makes a certificate good. All its keys are of the curve P-256. */
public final class Authority {
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final byte[] SIGNATURE_ALGORITHM = Der.sequence(Der.identifier("1.2.840.10045.4.3.2"));

    private static final BigInteger VERSION_3 = BigInteger.TWO;
    private static final int SERIAL_BITS = 127;

    private final X509Certificate certificate;
    private final PrivateKey key;

    private Authority(X509Certificate certificate, PrivateKey key) {
        this.certificate = certificate;
        this.key = key;
    }

    /** A new one, which vouches for itself. */
    public static Authority create(String name, Instant from, Instant until) throws GeneralSecurityException {
        KeyPair pair = newKey();
        X500Principal principal = new X500Principal("CN=" + name);
        Signer self = new Signer(principal, pair.getPublic(), pair.getPrivate());
        return new Authority(
                self.sign(principal, pair.getPublic(), from, until, Extensions.ofAuthority(pair.getPublic())),
                pair.getPrivate());
    }

    /** One that was made before, from its two files' texts. */
    public static Authority read(String certificate, String key) throws GeneralSecurityException {
        List<X509Certificate> certificates = Pem.certificates(certificate);
        List<byte[]> keys = Pem.blocks(Pem.PRIVATE_KEY, key);
        if (certificates.size() != 1 || keys.size() != 1) {
            throw new GeneralSecurityException("it is not one certificate and its key");
        }
        Authority authority = new Authority(
                certificates.get(0),
                KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(keys.get(0))));
        // So that a wrong key is told here, and not by each node.
        authority
                .issue(newKey(), "test", List.of(), Instant.now(), Instant.now())
                .verify(certificates.get(0).getPublicKey());
        return authority;
    }

    /** A key for {@link #issue}. */
    public static KeyPair newKey() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    /**
     * A certificate for both sides of connections.
     *
     * @param name whose it is
     * @param hosts names and addresses at which its owner may be reached
     */
    public X509Certificate issue(KeyPair pair, String name, List<String> hosts, Instant from, Instant until)
            throws GeneralSecurityException {
        return new Signer(certificate.getSubjectX500Principal(), certificate.getPublicKey(), key)
                .sign(
                        new X500Principal("CN=" + name),
                        pair.getPublic(),
                        from,
                        until,
                        Extensions.ofNode(pair.getPublic(), certificate.getPublicKey(), hosts));
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public PrivateKey key() {
        return key;
    }

    private record Signer(X500Principal name, PublicKey publicKey, PrivateKey key) {
        X509Certificate sign(X500Principal subject, PublicKey certified, Instant from, Instant until, byte[] extensions)
                throws GeneralSecurityException {
            byte[] signed = Der.sequence(
                    Der.explicit(0, Der.integer(VERSION_3)),
                    Der.integer(new BigInteger(SERIAL_BITS, new SecureRandom())),
                    SIGNATURE_ALGORITHM,
                    name.getEncoded(),
                    Der.sequence(Der.time(from), Der.time(until)),
                    subject.getEncoded(),
                    certified.getEncoded(),
                    Der.explicit(3, extensions));
            Signature signature = Signature.getInstance(SIGNATURE);
            signature.initSign(key);
            signature.update(signed);
            byte[] whole = Der.sequence(signed, SIGNATURE_ALGORITHM, Der.bits(0, signature.sign()));
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(whole));
        }
    }
}
