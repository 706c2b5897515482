package dev.raftkv.rest.look;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.model.Command.OfConsul;
import dev.raftkv.model.Command.OfConsul.Mode;
import dev.raftkv.model.ConsulOp;
import dev.raftkv.model.Key;
import dev.raftkv.model.Value;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.UUID;

/** Writes for people what Consul's interface has written into the log. */
final class ConsulJson {
    private final CommandJson command;

    /** @param command writes what all commands have */
    ConsulJson(CommandJson command) {
        this.command = command;
    }

    void write(JsonGenerator json, OfConsul step) throws IOException {
        if (step instanceof OfConsul.Put put) {
            put(json, put.key(), put.value(), put.flags(), put.mode());
        } else if (step instanceof OfConsul.Delete delete) {
            delete(json, delete.key(), delete.revision());
        } else if (step instanceof OfConsul.Txn txn) {
            json.writeStringField("op", "consul_txn");
            json.writeArrayFieldStart("operations");
            for (ConsulOp operation : txn.operations()) {
                command.another();
                json.writeStartObject();
                write(json, operation);
                json.writeEndObject();
            }
            json.writeEndArray();
        } else {
            json.writeStringField("op", "consul_open");
        }
    }

    private void put(JsonGenerator json, Key key, Value value, long flags, Mode mode) throws IOException {
        json.writeStringField("op", "consul_put");
        command.key(json, key);
        command.stored(json, value);
        if (flags != 0) {
            json.writeStringField("flags", Long.toUnsignedString(flags));
        }
        if (mode instanceof Mode.Cas cas) {
            json.writeNumberField("if_revision", cas.revision());
        } else if (mode instanceof Mode.Acquire acquire) {
            json.writeStringField("session", acquire.session().toString());
        } else if (mode instanceof Mode.Release release) {
            json.writeStringField("release", release.session().toString());
        }
    }

    private void delete(JsonGenerator json, Key key, OptionalLong revision) throws IOException {
        json.writeStringField("op", "consul_delete");
        command.key(json, key);
        if (revision.isPresent()) {
            json.writeNumberField("if_revision", revision.getAsLong());
        }
    }

    private void write(JsonGenerator json, ConsulOp operation) throws IOException {
        if (operation instanceof ConsulOp.Put put) {
            put(json, put.key(), put.value(), put.flags(), put.mode());
        } else if (operation instanceof ConsulOp.Delete delete) {
            delete(json, delete.key(), delete.revision());
        } else if (operation instanceof ConsulOp.Get get) {
            json.writeStringField("op", "get");
            command.key(json, get.key());
        } else if (operation instanceof ConsulOp.GetTree tree) {
            json.writeStringField("op", "get_range");
            command.prefix(json, tree.prefix());
        } else if (operation instanceof ConsulOp.DeleteTree tree) {
            json.writeStringField("op", "delete_range");
            command.prefix(json, tree.prefix());
        } else if (operation instanceof ConsulOp.CheckIndex check) {
            json.writeStringField("op", "check");
            command.key(json, check.key());
            json.writeNumberField("revision", check.revision());
        } else if (operation instanceof ConsulOp.CheckSession check) {
            json.writeStringField("op", "check");
            command.key(json, check.key());
            json.writeStringField("session", check.session().map(UUID::toString).orElse(null));
        } else if (operation instanceof ConsulOp.CheckNotExists check) {
            json.writeStringField("op", "check");
            command.key(json, check.key());
            json.writeBooleanField("exists", false);
        }
    }
}
