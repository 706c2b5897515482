package dev.raftkv.rest.json;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Hold;
import dev.raftkv.model.Value;
import java.io.IOException;
import java.util.OptionalLong;

/** Entries as JSON. */
public final class EntryJson {
    private EntryJson() {}

    /** An object of the key, its value, history and remaining time. */
    public static void write(JsonGenerator json, Entry entry, OptionalLong remainingMillis) throws IOException {
        json.writeStartObject();
        json.writeStringField("key", entry.key().text());
        members(json, entry, remainingMillis);
        json.writeEndObject();
    }

    /** The members of such an object behind its key. */
    public static void members(JsonGenerator json, Entry entry, OptionalLong remainingMillis) throws IOException {
        value(json, entry.value());
        history(json, entry.createRevision(), entry.changeRevision(), entry.version());
        if (remainingMillis.isPresent()) {
            json.writeNumberField(Ttl.NAME, Ttl.secondsOf(remainingMillis.getAsLong()));
        }
        if (entry.hold().isPresent()) {
            hold(json, entry.hold().get());
        }
    }

    /** The value, and beside one that is no JSON what it is. */
    public static void value(JsonGenerator json, Value value) throws IOException {
        ValueContent content = ValueContent.of(value);
        json.writeFieldName("value");
        switch (content) {
            case JSON -> json.writeRawValue(new RawJson(value.json().orElseThrow()));
            case TEXT -> json.writeString(value.toString());
            case BASE64 -> json.writeBinary(value.bytes());
        }
        if (content != ValueContent.JSON) {
            json.writeStringField(ValueContent.NAME, content.label());
        }
    }

    public static void hold(JsonGenerator json, Hold hold) throws IOException {
        json.writeStringField("session", hold.session().toString());
        json.writeNumberField("token", hold.token());
    }

    public static void history(JsonGenerator json, long createRevision, long changeRevision, long version)
            throws IOException {
        json.writeNumberField("create_revision", createRevision);
        json.writeNumberField("change_revision", changeRevision);
        json.writeNumberField("version", version);
    }
}
