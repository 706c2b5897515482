package dev.raftkv.rest.look;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.json.Json;
import dev.raftkv.raft.look.Event;
import dev.raftkv.raft.look.Happening;
import dev.raftkv.rest.events.EventLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Optional;

/** Writes one event of the node to a stream. */
final class EventJson implements Happening.Visitor<Void> {
    /** Always with milliseconds. */
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    private final ByteArrayOutputStream out;
    private final Event event;

    private EventJson(ByteArrayOutputStream out, Event event) {
        this.out = out;
        this.event = event;
    }

    static void write(ByteArrayOutputStream out, Event event) {
        event.what().accept(new EventJson(out, event));
    }

    private Void write(String name, Json.Content members) {
        EventLines.event(out, Optional.of(Long.toString(event.id())), name, Json.line(json -> {
            json.writeStringField("time", TIME.format(event.time()));
            members.writeTo(json);
        }));
        return null;
    }

    @Override
    public Void role(Happening.NewRole role) {
        return write("role", json -> {
            json.writeStringField("role", role.role().label());
            json.writeNumberField("term", role.term());
        });
    }

    @Override
    public Void term(Happening.NewTerm term) {
        return write("term", json -> json.writeNumberField("term", term.term()));
    }

    @Override
    public Void leader(Happening.NewLeader leader) {
        return write("leader", json -> {
            json.writeStringField("leader_id", leader.nodeId().orElse(null));
            json.writeNumberField("term", leader.term());
        });
    }

    @Override
    public Void vote(Happening.Vote vote) {
        return write("vote", json -> write(json, vote));
    }

    private static void write(JsonGenerator json, Happening.Vote vote) throws IOException {
        json.writeStringField("vote", vote.ballot().label());
        json.writeStringField("candidate", vote.candidate());
        json.writeStringField("voter", vote.voter());
        json.writeBooleanField("pre_vote", vote.preVote());
        json.writeNumberField("term", vote.term());
        if (vote.reason().isPresent()) {
            json.writeStringField("reason", vote.reason().get());
        }
    }

    @Override
    public Void members(Happening.NewMembers members) {
        return write("members", json -> {
            json.writeNumberField("index", members.index());
            MembersJson.write(json, "members", members.members());
        });
    }

    @Override
    public Void snapshot(Happening.NewSnapshot snapshot) {
        return write("snapshot", json -> {
            json.writeStringField("snapshot", snapshot.installed() ? "installed" : "taken");
            json.writeNumberField("index", snapshot.index());
        });
    }

    @Override
    public Void commit(Happening.Commit commit) {
        return write("commit", json -> json.writeNumberField("index", commit.index()));
    }
}
