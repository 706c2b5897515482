package dev.raftkv.store;

import dev.raftkv.model.Key;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The keys of tables that are ordered by a number. Numbers are not negative. */
final class Keys {
    private Keys() {}

    /** Big-endian, so that the order of the bytes is that of the numbers. */
    static byte[] number(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    /** The number that a key starts with. */
    static long number(byte[] key) {
        return ByteBuffer.wrap(key).getLong();
    }

    /** A place within a number: behind the number itself, and before the next. */
    static byte[] part(long number, int place) {
        return ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
                .putLong(number)
                .putInt(place)
                .array();
    }

    /** Whether a key is one of a place within its number. */
    static boolean isPart(byte[] key) {
        return key.length > Long.BYTES;
    }

    /** The time at which a key of the store expires, and that key. */
    static byte[] expiry(long time, Key key) {
        return ByteBuffer.allocate(Long.BYTES + key.utf8().length)
                .putLong(time)
                .put(key.utf8())
                .array();
    }

    static Key keyOf(byte[] expiry) {
        return Key.ofUtf8(Arrays.copyOfRange(expiry, Long.BYTES, expiry.length));
    }
}
