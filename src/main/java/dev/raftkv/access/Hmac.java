package dev.raftkv.access;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HMAC-SHA256 of several parts, each of them with its length before it, so that no two lists of parts are one text. */
final class Hmac {
    static final String ALGORITHM = "HmacSHA256";
    private static final int ABSENT = -1;

    private final Mac mac;

    /** @param purpose what is said by it, so that it is not taken for something else */
    Hmac(SecretKeySpec key, String purpose) {
        try {
            mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("each Java has " + ALGORITHM, e);
        }
        add(purpose);
    }

    /** @param part may be null, which is another thing than empty */
    Hmac add(String part) {
        return add(part == null ? null : part.getBytes(StandardCharsets.UTF_8));
    }

    Hmac add(byte[] part) {
        mac.update(ByteBuffer.allocate(Integer.BYTES)
                .putInt(part == null ? ABSENT : part.length)
                .flip());
        if (part != null) {
            mac.update(part);
        }
        return this;
    }

    byte[] end() {
        return mac.doFinal();
    }

    /** Takes the same time wherever they differ. */
    boolean isEnd(byte[] other) {
        return MessageDigest.isEqual(end(), other);
    }

    static byte[] digest(byte[] body) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("each Java has SHA-256", e);
        }
    }
}
