package dev.raftkv.launch.certs;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;

/** The certificate of a node, made again for a client alone. */
public final class ClientCertificate {
    private static final String SERVER = HexFormat.of().formatHex(Der.identifier("1.3.6.1.5.5.7.3.1"));
    private static final String CLIENT = HexFormat.of().formatHex(Der.identifier("1.3.6.1.5.5.7.3.2"));

    private ClientCertificate() {}

    public static X509Certificate of(X509Certificate node, PrivateKey authority) throws GeneralSecurityException {
        String forNode = HexFormat.of().formatHex(node.getTBSCertificate());
        byte[] signed = HexFormat.of().parseHex(forNode.replace(SERVER, CLIENT));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(authority);
        signature.update(signed);
        byte[] whole = Der.sequence(
                signed, Der.sequence(Der.identifier("1.2.840.10045.4.3.2")), Der.bits(0, signature.sign()));
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(whole));
    }
}
