package dev.raftkv.rest.look;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.model.Batch;
import dev.raftkv.raft.look.LogBounds;
import dev.raftkv.raft.look.LogPage;
import dev.raftkv.raft.look.LoggedEntry;
import dev.raftkv.raft.look.LoggedEntry.Commands;
import dev.raftkv.raft.look.LoggedEntry.Configuration;
import dev.raftkv.raft.look.LoggedEntry.Metadata;
import java.io.IOException;
import java.util.Iterator;

/** Writes entries of the log, of about a quarter of a megabyte at most: the rest is left out, and the answer says so. */
final class LogJson {
    private static final int MOST_BYTES = 256 * 1024;
    private static final int ENTRY_BYTES = 128;

    private final JsonGenerator json;
    private final CommandJson commands;
    private int bytes;

    LogJson(JsonGenerator json) {
        this.json = json;
        this.commands = new CommandJson();
    }

    /** @param up whether the entries are in the order of the log, so that a client can go on */
    void write(LogPage page, boolean up) throws IOException {
        LogBounds bounds = page.bounds();
        json.writeStringField("message", "success reading the log");
        json.writeObjectFieldStart("data");
        json.writeNumberField("first_index", bounds.first());
        json.writeNumberField("last_index", bounds.last());
        json.writeNumberField("commit_index", bounds.committed());
        json.writeNumberField("applied_index", bounds.applied());
        json.writeArrayFieldStart("entries");
        long shown = -1;
        Iterator<LoggedEntry> entries = page.entries();
        while (bytes < MOST_BYTES && entries.hasNext()) {
            LoggedEntry entry = entries.next();
            write(entry, bounds);
            shown = entry.index();
        }
        json.writeEndArray();
        if (up && shown >= 0 && shown < bounds.last()) {
            json.writeNumberField("next_from", shown + 1);
        }
        json.writeEndObject();
    }

    private void write(LoggedEntry entry, LogBounds bounds) throws IOException {
        bytes += ENTRY_BYTES;
        json.writeStartObject();
        json.writeNumberField("index", entry.index());
        json.writeNumberField("term", entry.term());
        json.writeStringField("kind", entry.content().kind());
        json.writeNumberField("bytes", entry.bytes());
        json.writeBooleanField("committed", entry.index() <= bounds.committed());
        json.writeBooleanField("applied", entry.index() <= bounds.applied());
        if (entry.content() instanceof Commands content) {
            write(content.batch());
        } else if (entry.content() instanceof Configuration configuration) {
            write(configuration);
        } else if (entry.content() instanceof Metadata metadata) {
            json.writeNumberField("commit_index", metadata.commitIndex());
        }
        json.writeEndObject();
    }

    private void write(Batch batch) throws IOException {
        json.writeNumberField("cluster_time_ms", batch.time());
        json.writeArrayFieldStart("commands");
        int written = 0;
        while (written < batch.writes().size() && (written == 0 || bytes < MOST_BYTES)) {
            bytes += commands.write(json, batch.writes().get(written));
            written++;
        }
        json.writeEndArray();
        if (written < batch.writes().size()) {
            json.writeNumberField("commands_omitted", batch.writes().size() - written);
        }
    }

    private void write(Configuration configuration) throws IOException {
        bytes += ENTRY_BYTES * configuration.members().size();
        MembersJson.write(json, "members", configuration.members());
        if (!configuration.before().isEmpty()) {
            MembersJson.write(json, "members_before", configuration.before());
        }
    }
}
