package dev.raftkv.model;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A key: non-blank Unicode text of at most {@value #MAX_BYTES} bytes in UTF-8, without white space at its ends. Keys are
 * ordered by their UTF-8 bytes.
 */
public final class Key {
    public static final int MAX_BYTES = 1024;

    private final String text;
    private final byte[] utf8;

    private Key(String text, byte[] utf8) {
        this.text = text;
        this.utf8 = utf8;
    }

    /**
     * The key for what a client wrote, trimmed.
     *
     * @param text may be null, which is an empty key
     * @throws KvException {@link Code#INVALID} if it is blank or no valid Unicode, {@link Code#TOO_LARGE} if it is too long
     */
    public static Key of(String text) {
        String trimmed = text == null ? "" : text.strip();
        if (trimmed.isEmpty()) {
            throw new KvException(Code.INVALID, "key is empty");
        }
        byte[] utf8 = encode("key", trimmed);
        if (utf8.length > MAX_BYTES) {
            throw new KvException(
                    Code.TOO_LARGE,
                    "key is too long: " + utf8.length + " bytes in UTF-8, the limit is " + MAX_BYTES + " bytes");
        }
        return new Key(trimmed, utf8);
    }

    /** The key that the given bytes of {@link #utf8()} stand for, as read back from the log or the store. */
    public static Key ofUtf8(byte[] utf8) {
        return new Key(new String(utf8, StandardCharsets.UTF_8), utf8);
    }

    static byte[] encode(String what, String text) {
        if (isAscii(text)) {
            // Nearly all are, and this is several times faster.
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new KvException(Code.INVALID, what + " is not valid Unicode: it holds half of a surrogate pair");
        }
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    public String text() {
        return text;
    }

    /** The key's bytes; not to be changed by the caller. */
    public byte[] utf8() {
        return utf8;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Key key && text.equals(key.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
