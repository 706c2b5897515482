package dev.raftkv.launch.certs;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;

/** What a certificate says beside whose it is and how long it holds (RFC 5280, section 4.2). */
final class Extensions {
    private static final byte[] SUBJECT_KEY = Der.identifier("2.5.29.14");
    private static final byte[] KEY_USAGE = Der.identifier("2.5.29.15");
    private static final byte[] ALTERNATIVE_NAMES = Der.identifier("2.5.29.17");
    private static final byte[] BASIC_CONSTRAINTS = Der.identifier("2.5.29.19");
    private static final byte[] AUTHORITY_KEY = Der.identifier("2.5.29.35");
    private static final byte[] EXTENDED_KEY_USAGE = Der.identifier("2.5.29.37");
    private static final byte[] SERVER = Der.identifier("1.3.6.1.5.5.7.3.1");
    private static final byte[] CLIENT = Der.identifier("1.3.6.1.5.5.7.3.2");

    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    /** Bit 0 of eight. */
    private static final byte[] DIGITAL_SIGNATURE = Der.bits(7, new byte[] {(byte) 0x80});
    /** Bits 5 and 6: it signs certificates and lists of revoked ones. */
    private static final byte[] SIGNS_CERTIFICATES = Der.bits(1, new byte[] {0x06});

    private Extensions() {}

    static byte[] ofAuthority(PublicKey own) throws GeneralSecurityException {
        return Der.sequence(
                critical(BASIC_CONSTRAINTS, Der.sequence(Der.yes())),
                critical(KEY_USAGE, SIGNS_CERTIFICATES),
                plain(SUBJECT_KEY, Der.octets(digest(own))));
    }

    static byte[] ofNode(PublicKey own, PublicKey authority, List<String> hosts) throws GeneralSecurityException {
        List<byte[]> extensions = new ArrayList<>(List.of(
                critical(BASIC_CONSTRAINTS, Der.sequence()),
                critical(KEY_USAGE, DIGITAL_SIGNATURE),
                plain(EXTENDED_KEY_USAGE, Der.sequence(SERVER, CLIENT)),
                plain(SUBJECT_KEY, Der.octets(digest(own))),
                plain(AUTHORITY_KEY, Der.sequence(Der.implicit(0, digest(authority))))));
        if (!hosts.isEmpty()) {
            extensions.add(plain(
                    ALTERNATIVE_NAMES,
                    Der.sequence(hosts.stream().map(Extensions::name).toArray(byte[][]::new))));
        }
        return Der.sequence(extensions.toArray(byte[][]::new));
    }

    private static byte[] critical(byte[] identifier, byte[] value) {
        return Der.sequence(identifier, Der.yes(), Der.octets(value));
    }

    private static byte[] plain(byte[] identifier, byte[] value) {
        return Der.sequence(identifier, Der.octets(value));
    }

    private static byte[] name(String host) {
        return isAddress(host)
                ? Der.implicit(IP_ADDRESS, address(host))
                : Der.implicit(DNS_NAME, host.getBytes(StandardCharsets.US_ASCII));
    }

    /** Whether it is an address, which is never looked up. */
    static boolean isAddress(String host) {
        return host.contains(":") || host.matches("[0-9]+(\\.[0-9]+){3}");
    }

    private static byte[] address(String literal) {
        try {
            return InetAddress.getByName(literal).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(literal + " is no address", e);
        }
    }

    /** A name for the key, for whoever looks for the authority of a certificate. */
    private static byte[] digest(PublicKey key) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-1").digest(key.getEncoded());
    }
}
