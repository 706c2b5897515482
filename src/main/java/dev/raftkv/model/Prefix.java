package dev.raftkv.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What the keys of a range start with: Unicode text of at most {@value Key#MAX_BYTES} bytes in UTF-8. */
public final class Prefix {
    /** The range of all keys. */
    public static final Prefix ALL = new Prefix("", new byte[0]);

    private final String text;
    private final byte[] utf8;

    private Prefix(String text, byte[] utf8) {
        this.text = text;
        this.utf8 = utf8;
    }

    /**
     * The prefix as a client wrote it: white space counts.
     *
     * @throws KvException {@link Code#INVALID} if it is no valid Unicode, {@link Code#TOO_LARGE} if it is too long
     */
    public static Prefix of(String text) {
        byte[] utf8 = Key.encode("prefix", text);
        if (utf8.length > Key.MAX_BYTES) {
            throw new KvException(
                    Code.TOO_LARGE,
                    "prefix is too long: " + utf8.length + " bytes in UTF-8, the limit is " + Key.MAX_BYTES + " bytes");
        }
        return new Prefix(text, utf8);
    }

    /** The prefix that the given bytes of {@link #utf8()} stand for, as read back from the log. */
    public static Prefix ofUtf8(byte[] utf8) {
        return new Prefix(new String(utf8, StandardCharsets.UTF_8), utf8);
    }

    /** Whether a key, given by its bytes in UTF-8, is in the range. */
    public boolean covers(byte[] key) {
        return key.length >= utf8.length && Arrays.equals(key, 0, utf8.length, utf8, 0, utf8.length);
    }

    public boolean covers(Key key) {
        return covers(key.utf8());
    }

    public String text() {
        return text;
    }

    /** The prefix' bytes; not to be changed by the caller. */
    public byte[] utf8() {
        return utf8;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Prefix prefix && text.equals(prefix.text);
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
