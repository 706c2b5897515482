package dev.raftkv.rest.cluster;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.json.Json;
import dev.raftkv.model.DiskRoom;
import dev.raftkv.model.Identity;
import dev.raftkv.model.Member;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.RestoreProgress;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/** A node's status under the names that users of raft-sample know. */
final class StatusJson {
    private StatusJson() {}

    /** The body of an answer: a message, the status as its data, and what the caller should know besides. */
    static byte[] answer(
            String message,
            NodeStatus status,
            Optional<DiskRoom> disk,
            Optional<RestoreProgress> restore,
            Optional<String> warning) {
        return Json.line(json -> {
            json.writeStringField("message", message);
            json.writeObjectFieldStart("data");
            write(json, status);
            write(json, disk);
            if (restore.isPresent()) {
                json.writeObjectFieldStart("restore");
                json.writeNumberField("keys", restore.get().keys());
                json.writeNumberField("bytes", restore.get().bytes());
                json.writeEndObject();
            }
            json.writeEndObject();
            if (warning.isPresent()) {
                json.writeStringField("warning", warning.get());
            }
        });
    }

    private static void write(JsonGenerator json, NodeStatus status) throws IOException {
        json.writeStringField("node_id", status.nodeId());
        json.writeStringField("state", status.role().label());
        json.writeNumberField("term", status.term());
        json.writeNumberField("last_log_index", status.lastLogIndex());
        json.writeNumberField("last_log_term", status.lastLogTerm());
        json.writeNumberField("commit_index", status.commitIndex());
        json.writeNumberField("applied_index", status.appliedIndex());
        json.writeNumberField("last_snapshot_index", status.lastSnapshotIndex());
        json.writeNumberField("last_snapshot_term", status.lastSnapshotTerm());
        json.writeNumberField("num_peers", otherVoters(status));
        writeLastContact(json, status);
        json.writeArrayFieldStart("latest_configuration");
        for (Member member : status.members()) {
            write(json, member);
        }
        json.writeEndArray();
        json.writeStringField("leader_id", status.leaderId().orElse(null));
        json.writeStringField("leader_http_address", status.leaderHttpAddress().orElse(null));
        write(json, status.identity());
        if (status.failure().isPresent()) {
            json.writeStringField("failure", status.failure().get());
        }
    }

    /** By these, in this order, nodes with the same list recognise each other. */
    private static void write(JsonGenerator json, Identity identity) throws IOException {
        json.writeObjectFieldStart("birth");
        json.writeStringField("stage", identity.birth().stage().name().toLowerCase(Locale.ROOT));
        json.writeStringField("group_id", identity.birth().group().toString());
        json.writeStringField("raft_address", identity.raftAddress().toString());
        json.writeArrayFieldStart("asks");
        for (String address : identity.asks()) {
            json.writeString(address);
        }
        json.writeEndArray();
        json.writeNumberField("log_level", identity.logLevel());
        json.writeEndObject();
    }

    static void write(JsonGenerator json, Optional<DiskRoom> disk) throws IOException {
        if (disk.isPresent()) {
            json.writeObjectFieldStart("disk");
            json.writeNumberField("free_bytes", disk.get().freeBytes());
            json.writeNumberField("min_free_bytes", disk.get().minFreeBytes());
            json.writeEndObject();
        }
    }

    private static long otherVoters(NodeStatus status) {
        return status.members().stream()
                .filter(member -> member.voter() && !member.nodeId().equals(status.nodeId()))
                .count();
    }

    private static void writeLastContact(JsonGenerator json, NodeStatus status) throws IOException {
        json.writeFieldName("last_contact");
        if (status.lastContactMillis().isPresent()) {
            json.writeNumber(status.lastContactMillis().getAsLong());
        } else {
            json.writeNull();
        }
    }

    private static void write(JsonGenerator json, Member member) throws IOException {
        json.writeStartObject();
        json.writeStringField("node_id", member.nodeId());
        json.writeStringField("raft_address", member.raftAddress().toString());
        json.writeStringField("http_address", member.httpAddress().orElse(null));
        json.writeStringField("suffrage", member.voter() ? "Voter" : "Learner");
        json.writeEndObject();
    }
}
