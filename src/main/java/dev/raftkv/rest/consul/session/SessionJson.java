package dev.raftkv.rest.consul.session;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.model.ConsulSession;
import dev.raftkv.model.Session;
import dev.raftkv.rest.consul.text.ConsulBody;
import dev.raftkv.rest.consul.text.ConsulIndex;
import dev.raftkv.rest.consul.text.EntryText;
import dev.raftkv.rest.consul.text.GoText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** Sessions as clients of Consul are shown them. */
final class SessionJson {
    private SessionJson() {}

    static byte[] array(List<Session> sessions, boolean pretty) {
        return EntryText.bytes(pretty, json -> {
            json.writeStartArray();
            for (Session session : sessions) {
                write(json, session);
            }
            json.writeEndArray();
        });
    }

    private static void write(JsonGenerator json, Session session) throws IOException {
        ConsulSession shown = session.consul().orElseGet(() -> ofNative(session));
        json.writeStartObject();
        json.writeStringField("ID", session.id().toString());
        json.writeStringField("Name", session.name());
        json.writeStringField("Node", shown.node());
        json.writeNumberField("LockDelay", shown.lockDelayNanos());
        json.writeStringField("Behavior", session.behavior().text());
        json.writeStringField("TTL", shown.ttl());
        ConsulBody checks = ConsulBody.parse(("{" + shown.checks() + "}").getBytes(StandardCharsets.UTF_8), "");
        for (String name : List.of("NodeChecks", "ServiceChecks")) {
            json.writeFieldName(name);
            if (checks.member(name).isPresent()) {
                checks.member(name).get().writeTo(json);
            } else {
                json.writeNull();
            }
        }
        json.writeNumberField("CreateIndex", ConsulIndex.of(session.number()));
        json.writeNumberField("ModifyIndex", ConsulIndex.of(session.number()));
        json.writeEndObject();
    }

    /** Consul's live for twice their TTL. */
    private static ConsulSession ofNative(Session session) {
        return new ConsulSession(
                "",
                GoText.of(Duration.ofMillis(session.ttlMillis() / 2)),
                Duration.ofMillis(session.lockDelayMillis()).toNanos(),
                "");
    }
}
