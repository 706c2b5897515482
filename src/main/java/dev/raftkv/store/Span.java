package dev.raftkv.store;

import java.util.Arrays;

/**
 * Keys that follow each other, by their bytes.
 *
 * @param from the first of them, or what they are behind
 * @param to what they are before
 * @param more whether it is a part of what was asked for, and more was behind it
 */
record Span(byte[] from, byte[] to, boolean more) {
    boolean covers(byte[] key) {
        return Arrays.compareUnsigned(from, key) <= 0 && Arrays.compareUnsigned(key, to) < 0;
    }
}
