package dev.raftkv.tls;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and keys as text, each between a line that begins it and one that ends it. */
public final class Pem {
    public static final String CERTIFICATE = "CERTIFICATE";
    /** PKCS#8, the one form of a key that Java reads. */
    public static final String PRIVATE_KEY = "PRIVATE KEY";

    private static final int LINE = 64;

    /** Possessive, so that no text makes it go back. */
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]++)-----([A-Za-z0-9+/=\\s]*+)-----END \\1-----");

    private Pem() {}

    /** The labels of all blocks in a text, in their order. */
    public static List<String> labels(String text) {
        return BLOCK.matcher(text).results().map(block -> block.group(1)).toList();
    }

    /**
     * The contents of the blocks with a label, in their order; what is around them is of no account.
     *
     * @throws IllegalArgumentException if one is no Base64
     */
    public static List<byte[]> blocks(String label, String text) {
        List<byte[]> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            if (matcher.group(1).equals(label)) {
                blocks.add(Base64.getMimeDecoder().decode(matcher.group(2)));
            }
        }
        return blocks;
    }

    /**
     * The certificates in a text, in their order.
     *
     * @throws CertificateException if one is none
     */
    public static List<X509Certificate> certificates(String text) throws CertificateException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> certificates = new ArrayList<>();
        for (byte[] block : blocks(CERTIFICATE, text)) {
            certificates.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block)));
        }
        return certificates;
    }

    /** One block, with the line feed that ends it. */
    public static String text(String label, byte[] content) {
        String base64 = Base64.getMimeEncoder(LINE, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(content);
        return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
    }
}
