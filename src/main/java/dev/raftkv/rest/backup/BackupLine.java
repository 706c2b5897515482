package dev.raftkv.rest.backup;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.raftkv.json.Json;
import dev.raftkv.json.JsonObject;
import dev.raftkv.model.Code;
import dev.raftkv.model.Entry;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.SavedKey;
import dev.raftkv.model.Value;
import dev.raftkv.rest.json.ValueContent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * The line of a key in a backup. A value stands there as it was stored, but for its line breaks, in whose place are spaces:
 * one with line breaks has its exact text once more, as a string. One that is no JSON is a string, and what it is stands beside it.
 */
final class BackupLine {
    /** What a line has beside its value, at most: a key of which each byte is an escape, names and numbers. */
    static final int ALL_BUT_THE_VALUE = 6 * Key.MAX_BYTES + 1024;

    /** So many times the length of a value are in a line: once as it is, and as a string with its quotes and breaks escaped. */
    static final int TIMES_THE_VALUE = 3;

    private static final byte[] KEY = ascii("{\"key\":\"");
    private static final byte[] VALUE = ascii("\",\"value\":");
    private static final byte[] TEXT = ascii(",\"value_text\":\"");
    private static final byte[] CONTENT = ascii(",\"content\":\"");

    private BackupLine() {}

    /**
     * Writes the line, with its end.
     *
     * @param ttlMillis how long it has to live, 0 for ever
     */
    static void write(ByteArrayOutputStream out, Entry entry, long ttlMillis) {
        out.writeBytes(KEY);
        out.writeBytes(Json.escape(entry.key()));
        out.writeBytes(VALUE);
        if (entry.value().isJson()) {
            json(out, entry.value());
        } else {
            plain(out, entry.value());
        }
        StringBuilder history = new StringBuilder(96)
                .append(",\"create_revision\":")
                .append(entry.createRevision())
                .append(",\"change_revision\":")
                .append(entry.changeRevision())
                .append(",\"version\":")
                .append(entry.version());
        if (ttlMillis != 0) {
            history.append(",\"ttl_ms\":").append(ttlMillis);
        }
        if (entry.flags() != 0) {
            history.append(",\"flags\":").append(Long.toUnsignedString(entry.flags()));
        }
        if (entry.lockIndex() != 0) {
            history.append(",\"lock_index\":").append(entry.lockIndex());
        }
        out.writeBytes(ascii(history.append("}\n").toString()));
    }

    private static void json(ByteArrayOutputStream out, Value json) {
        byte[] value = json.bytes();
        byte[] oneLine = oneLine(value);
        out.writeBytes(oneLine);
        if (oneLine != value) {
            out.writeBytes(TEXT);
            out.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(json.toString()));
            out.write('"');
        }
    }

    private static void plain(ByteArrayOutputStream out, Value value) {
        ValueContent content = isShort(value) ? ValueContent.of(value) : ValueContent.BASE64;
        out.write('"');
        out.writeBytes(
                content == ValueContent.TEXT
                        ? JsonStringEncoder.getInstance().quoteAsUTF8(value.toString())
                        : Base64.getEncoder().encode(value.bytes()));
        out.write('"');
        out.writeBytes(CONTENT);
        out.writeBytes(ascii(content.label()));
        out.write('"');
    }

    /** Whether it is not much longer as a string: one control character may take six. */
    private static boolean isShort(Value value) {
        for (byte octet : value.bytes()) {
            if (octet >= 0 && octet < ' ' && octet != '\n' && octet != '\r' && octet != '\t') {
                return false;
            }
        }
        return true;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The same array if there is no line break in it. */
    private static byte[] oneLine(byte[] json) {
        byte[] oneLine = json;
        for (int i = 0; i < json.length; i++) {
            if (json[i] == '\n' || json[i] == '\r') {
                oneLine = oneLine == json ? json.clone() : oneLine;
                oneLine[i] = ' ';
            }
        }
        return oneLine;
    }

    /**
     * @param line without its end
     * @throws KvException if it is not the line of a key, or what it says cannot be
     */
    static SavedKey read(byte[] line) {
        String key = null;
        JsonText value = null;
        String text = null;
        String content = null;
        long flags = 0;
        long lockIndex = 0;
        long created = 0;
        long changed = 0;
        long version = 0;
        long ttl = 0;
        try (JsonObject object = JsonObject.read(
                line,
                "key",
                "value",
                "value_text",
                "content",
                "create_revision",
                "change_revision",
                "version",
                "ttl_ms",
                "flags",
                "lock_index")) {
            while (object.next()) {
                switch (object.name()) {
                    case "key" -> key = object.string();
                    case "value" -> value = object.verbatim();
                    case "value_text" -> text = object.string();
                    case "content" -> content = object.string();
                    case "flags" -> flags = flags(object.verbatim());
                    case "lock_index" -> lockIndex = object.number(1, BackupHeader.MAX_REVISION);
                    case "create_revision" -> created = object.number(1, BackupHeader.MAX_REVISION);
                    case "change_revision" -> changed = object.number(1, BackupHeader.MAX_REVISION);
                    case "version" -> version = object.number(1, BackupHeader.MAX_REVISION);
                    default -> ttl = object.number(1, BackupHeader.MAX_REVISION);
                }
            }
        }
        Key checked = Key.of(key);
        if (!checked.text().equals(key)) {
            throw new KvException(Code.INVALID, "its key begins or ends with white space, which no key does");
        }
        if (value == null || created == 0 || changed == 0 || version == 0) {
            throw new KvException(Code.INVALID, "it lacks one of value, create_revision, change_revision and version");
        }
        if (changed < created) {
            throw new KvException(Code.INVALID, "its key was changed before it was created");
        }
        Value stored = content == null
                ? Value.of(text == null ? value : exact(value, text))
                : Value.ofBytes(plain(value, content));
        return new SavedKey(checked, stored, created, changed, version, ttl, flags, lockIndex);
    }

    private static long flags(JsonText number) {
        try {
            return Long.parseUnsignedLong(number.toString());
        } catch (NumberFormatException e) {
            throw new KvException(Code.INVALID, "its flags are no number of 64 bits", e);
        }
    }

    private static byte[] plain(JsonText value, String content) {
        String string = JsonObject.string(value)
                .orElseThrow(() -> new KvException(Code.INVALID, "its value has a content and is no string"));
        if (content.equals(ValueContent.TEXT.label())) {
            return string.getBytes(StandardCharsets.UTF_8);
        }
        if (!content.equals(ValueContent.BASE64.label())) {
            throw new KvException(Code.INVALID, "its content is neither text nor base64");
        }
        try {
            return Base64.getDecoder().decode(string);
        } catch (IllegalArgumentException e) {
            throw new KvException(Code.INVALID, "its value is no base64", e);
        }
    }

    private static JsonText exact(JsonText value, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (!new JsonText(oneLine(bytes)).equals(value)) {
            throw new KvException(Code.INVALID, "its value and its value_text are not the same");
        }
        return new JsonText(bytes);
    }
}
