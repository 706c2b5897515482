package dev.raftkv.access;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;

/**
 * What one node says to another in a header field, and nobody else could: who asks whom, when, once. It stands for one request
 * and its body, and is of no use for any other.
 *
 * @param millis when it was made, by the sender's clock, since 1970
 * @param nonce 16 random bytes
 * @param addressee the node that is asked; empty if the sender does not know which one answers there
 * @param digest SHA-256 of the body, or of nothing
 * @param mac what only who knows the secret can make of all this
 */
record Seal(long millis, byte[] nonce, String sender, String addressee, byte[] digest, byte[] mac) {
    static final int NONCE_BYTES = 16;
    private static final String VERSION = "1";
    private static final int PARTS = 7;
    private static final int DIGEST_BYTES = 32;
    private static final Pattern NODE_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /** @param unsealed has no mac yet */
    static Seal made(SecretKeySpec key, Seal unsealed, Asked asked) {
        byte[] mac = unsealed.hmac(key, asked).end();
        return new Seal(unsealed.millis, unsealed.nonce, unsealed.sender, unsealed.addressee, unsealed.digest, mac);
    }

    boolean isMadeWith(SecretKeySpec key, Asked asked) {
        return hmac(key, asked).isEnd(mac);
    }

    private Hmac hmac(SecretKeySpec key, Asked asked) {
        return asked.addTo(new Hmac(key, "raftkv seal " + VERSION))
                .add(ByteBuffer.allocate(Long.BYTES).putLong(millis).array())
                .add(nonce)
                .add(sender)
                .add(addressee)
                .add(digest);
    }

    /** What whoever refuses it for good says, so that who has made it knows that somebody with the secret has. */
    Hmac refusal(SecretKeySpec key) {
        return new Hmac(key, "raftkv refused " + VERSION).add(mac);
    }

    /** The half of the nonce by which it is remembered. */
    long mark() {
        return ByteBuffer.wrap(nonce).getLong();
    }

    /** As it stands in a header field. */
    String text() {
        return String.join(
                ".",
                VERSION,
                Long.toString(millis),
                HexFormat.of().formatHex(nonce),
                base64(sender.getBytes(StandardCharsets.UTF_8)),
                base64(addressee.getBytes(StandardCharsets.UTF_8)),
                base64(digest),
                base64(mac));
    }

    /** @throws IllegalArgumentException if it is none, or of a later version */
    static Seal parse(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != PARTS || !parts[0].equals(VERSION)) {
            throw new IllegalArgumentException("it is no seal of version " + VERSION);
        }
        Seal seal = new Seal(
                Long.parseLong(parts[1]),
                HexFormat.of().parseHex(parts[2]),
                name(parts[3]),
                parts[4].isEmpty() ? "" : name(parts[4]),
                bytes(parts[5]),
                bytes(parts[6]));
        if (seal.nonce.length != NONCE_BYTES || seal.digest.length != DIGEST_BYTES) {
            throw new IllegalArgumentException("its parts have other lengths");
        }
        return seal;
    }

    /** Whoever sends it may not know the secret, and its name comes into the log. */
    private static String name(String part) {
        String name = new String(bytes(part), StandardCharsets.UTF_8);
        if (!NODE_ID.matcher(name).matches()) {
            throw new IllegalArgumentException("it names no node");
        }
        return name;
    }

    private static byte[] bytes(String part) {
        return Base64.getUrlDecoder().decode(part);
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
