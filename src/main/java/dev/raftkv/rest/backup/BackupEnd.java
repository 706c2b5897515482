package dev.raftkv.rest.backup;

import dev.raftkv.json.Json;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Reckons the last line of a backup from all lines before it. */
final class BackupEnd {
    private final MessageDigest digest;
    private long keys;

    BackupEnd() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each JDK has SHA-256", e);
        }
    }

    /** Text of the lines before it, with their ends. */
    void add(byte[] text) {
        digest.update(text);
    }

    void addLineEnd() {
        digest.update((byte) '\n');
    }

    void countKey() {
        keys++;
    }

    long keys() {
        return keys;
    }

    /** The line, with its end. Nothing can be added afterwards. */
    byte[] line() {
        String hash = HexFormat.of().formatHex(digest.digest());
        return Json.line(json -> {
            json.writeNumberField("keys", keys);
            json.writeStringField("sha256", hash);
        });
    }
}
