package dev.raftkv.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A value: the UTF-8 text of one JSON value, kept byte for byte as its writer sent it. Never parsed into numbers or maps,
 * so {@code 1.10}, {@code 1e400} and the order of members survive.
 */
public final class JsonText {
    private final byte[] utf8;

    /** Takes the array as it is: text that a parser has found to be one JSON value, not changed afterwards. */
    public JsonText(byte[] utf8) {
        this.utf8 = utf8;
    }

    /** The value's bytes; not to be changed by the caller. */
    public byte[] utf8() {
        return utf8;
    }

    public int length() {
        return utf8.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JsonText json && Arrays.equals(utf8, json.utf8);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(utf8);
    }

    @Override
    public String toString() {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
