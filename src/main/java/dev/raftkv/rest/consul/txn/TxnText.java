package dev.raftkv.rest.consul.txn;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.model.ConsulError;
import dev.raftkv.model.ConsulResult;
import dev.raftkv.rest.consul.text.ConsulIndex;
import dev.raftkv.rest.consul.text.EntryText;
import dev.raftkv.rest.consul.text.GoText;
import dev.raftkv.rest.http.Answer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** What has become of a transaction, as clients of Consul are told. */
final class TxnText {
    private static final String RESULTS = "Results";
    private static final String ERRORS = "Errors";

    private TxnText() {}

    static Answer done(List<ConsulResult> results, boolean pretty) {
        return Answer.of(200, EntryText.JSON, EntryText.bytes(pretty, json -> {
            json.writeStartObject();
            json.writeArrayFieldStart(RESULTS);
            for (ConsulResult result : results) {
                json.writeStartObject();
                json.writeFieldName("KV");
                write(json, result);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeNullField(ERRORS);
            json.writeEndObject();
        }));
    }

    private static void write(JsonGenerator json, ConsulResult result) throws IOException {
        if (result.entry().isPresent()) {
            EntryText.write(json, result.entry().get(), result.read());
            return;
        }
        json.writeStartObject();
        json.writeNumberField("LockIndex", 0);
        json.writeStringField("Key", result.key().text());
        json.writeNumberField("Flags", 0);
        json.writeNullField("Value");
        json.writeNumberField("CreateIndex", 0);
        json.writeNumberField("ModifyIndex", 0);
        json.writeEndObject();
    }

    /** @param errors texts by the places of their operations */
    private static Answer failed(Map<Integer, String> errors, boolean pretty) {
        return Answer.of(409, EntryText.JSON, EntryText.bytes(pretty, json -> {
            json.writeStartObject();
            json.writeNullField(RESULTS);
            json.writeArrayFieldStart(ERRORS);
            for (Map.Entry<Integer, String> error : errors.entrySet()) {
                json.writeStartObject();
                json.writeNumberField("OpIndex", error.getKey());
                json.writeStringField("What", error.getValue());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }));
    }

    static Answer failed(List<TxnStep> steps, List<ConsulError> errors, boolean pretty) {
        Map<Integer, String> texts = new TreeMap<>();
        errors.forEach(error -> texts.put(error.operation(), text(steps.get(error.operation()), error)));
        return failed(texts, pretty);
    }

    private static String text(TxnStep step, ConsulError error) {
        if (step.isRefused()) {
            return step.refusal();
        }
        String key = GoText.quote(step.key());
        return switch (error.kind()) {
            case NO_KEY ->
                switch (step.verb()) {
                    case "check-index" -> "failed to check index, key " + key + " doesn't exist";
                    case "check-session" -> "failed to check session, key " + key + " doesn't exist";
                    default -> "key " + key + " doesn't exist";
                };
            case KEY_THERE -> "key " + key + " exists";
            case STALE ->
                "failed to " + (step.verb().equals("cas") ? "set" : "delete") + " key " + key + ", index is stale";
            case OTHER_REVISION ->
                "failed index check for key " + key + ", current modify index " + ConsulIndex.of(error.current())
                        + " != " + Long.toUnsignedString(step.index());
            case OTHER_SESSION ->
                "failed session check for key " + key + ", current session "
                        + GoText.quote(error.holder().map(UUID::toString).orElse("")) + " != "
                        + GoText.quote(step.session());
            case NO_SUCH_SESSION -> "invalid session " + GoText.quote(step.session());
            case HELD -> "failed to lock key " + key + ", lock is already held";
            case LOCK_DELAY -> "failed to lock key " + key + " due to lock delay";
            case NOT_HELD -> "failed to unlock key " + key + ", lock isn't held, or is held by another session";
            case TOO_MANY_KEYS_OF_SESSION ->
                "failed to lock key " + key + ", the session has as many keys as it may: begin another one";
        };
    }
}
