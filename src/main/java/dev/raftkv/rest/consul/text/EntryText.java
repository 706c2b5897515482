package dev.raftkv.rest.consul.text;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import dev.raftkv.json.Json;
import dev.raftkv.model.Entry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.List;

/** Keys as clients of Consul are shown them. */
public final class EntryText {
    /** The type of what this makes. */
    public static final String JSON = "application/json";

    private EntryText() {}

    /** @param pretty for people */
    public static byte[] array(List<Entry> entries, boolean pretty) {
        return bytes(pretty, json -> {
            json.writeStartArray();
            for (Entry entry : entries) {
                write(json, entry, true);
            }
            json.writeEndArray();
        });
    }

    /** A list of names. */
    public static byte[] names(List<String> names, boolean pretty) {
        return bytes(pretty, json -> {
            json.writeStartArray();
            for (String name : names) {
                json.writeString(name);
            }
            json.writeEndArray();
        });
    }

    /** @param value whether it is shown */
    public static void write(JsonGenerator json, Entry entry, boolean value) throws IOException {
        json.writeStartObject();
        json.writeNumberField("LockIndex", entry.lockIndex());
        json.writeStringField("Key", entry.key().text());
        json.writeFieldName("Flags");
        json.writeNumber(new BigInteger(Long.toUnsignedString(entry.flags())));
        if (value && entry.value().length() > 0) {
            json.writeFieldName("Value");
            json.writeBinary(entry.value().bytes());
        } else {
            json.writeNullField("Value");
        }
        if (entry.hold().isPresent()) {
            json.writeStringField("Session", entry.hold().get().session().toString());
        }
        json.writeNumberField("CreateIndex", ConsulIndex.of(entry.createRevision()));
        json.writeNumberField("ModifyIndex", ConsulIndex.of(entry.changeRevision()));
        json.writeEndObject();
    }

    /** JSON of whatever kind, without a new line at its end if it is not for people. */
    public static byte[] bytes(boolean pretty, Json.Content content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        try (JsonGenerator json = Json.FACTORY.createGenerator(out)) {
            if (pretty) {
                DefaultIndenter indenter = new DefaultIndenter("    ", "\n");
                json.setPrettyPrinter(new DefaultPrettyPrinter(Separators.createDefaultInstance()
                                .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                                .withObjectEmptySeparator("")
                                .withArrayEmptySeparator(""))
                        .withObjectIndenter(indenter)
                        .withArrayIndenter(indenter));
            }
            content.writeTo(json);
            if (pretty) {
                json.writeRaw('\n');
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
