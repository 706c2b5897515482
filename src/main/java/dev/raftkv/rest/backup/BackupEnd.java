package dev.raftkv.rest.backup;

import dev.raftkv.json.Json;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Reckons the last line of a backup from all lines before it. */
final class BackupEnd {
    private static final int BUFFER_BYTES = 16 * 1024;

    private final MessageDigest digest;
    /** A digest takes many short pieces much slower than a long one. */
    private final byte[] buffer = new byte[BUFFER_BYTES];

    private int buffered;
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
        if (text.length > buffer.length - buffered) {
            flush();
        }
        if (text.length > buffer.length) {
            digest.update(text);
        } else {
            System.arraycopy(text, 0, buffer, buffered, text.length);
            buffered += text.length;
        }
    }

    void addLineEnd() {
        if (buffered == buffer.length) {
            flush();
        }
        buffer[buffered++] = '\n';
    }

    private void flush() {
        digest.update(buffer, 0, buffered);
        buffered = 0;
    }

    void countKey() {
        keys++;
    }

    long keys() {
        return keys;
    }

    /** The line, with its end. Nothing can be added afterwards. */
    byte[] line() {
        flush();
        String hash = HexFormat.of().formatHex(digest.digest());
        return Json.line(json -> {
            json.writeNumberField("keys", keys);
            json.writeStringField("sha256", hash);
        });
    }
}
