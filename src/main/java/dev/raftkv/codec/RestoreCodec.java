package dev.raftkv.codec;

import dev.raftkv.codec.wire.RestoreAbort;
import dev.raftkv.codec.wire.RestoreBegin;
import dev.raftkv.codec.wire.RestoreChunk;
import dev.raftkv.codec.wire.RestoreCommand;
import dev.raftkv.codec.wire.RestoreSwitch;
import dev.raftkv.codec.wire.SavedRow;
import dev.raftkv.model.Command.Restore;
import dev.raftkv.model.Key;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.SavedKey;

/** The steps of a restore in the log. */
final class RestoreCodec {
    private RestoreCodec() {}

    static RestoreCommand encode(Restore restore) {
        RestoreCommand.Builder wire = RestoreCommand.newBuilder().setId(restore.id());
        if (restore instanceof Restore.Begin begin) {
            wire.setBegin(RestoreBegin.newBuilder()
                    .setRevision(begin.revision())
                    .setReplace(begin.replace())
                    .setPrefix(Wire.wrap(begin.prefix().utf8())));
        } else if (restore instanceof Restore.Chunk chunk) {
            RestoreChunk.Builder rows = RestoreChunk.newBuilder().setNumber(chunk.number());
            chunk.keys().forEach(key -> rows.addRows(row(key)));
            wire.setChunk(rows);
        } else if (restore instanceof Restore.Switch last) {
            wire.setSwitch(RestoreSwitch.newBuilder()
                    .setChunks(last.chunks())
                    .setKeys(last.keys())
                    .setFirst(last.first()));
        } else {
            wire.setAbort(RestoreAbort.getDefaultInstance());
        }
        return wire.build();
    }

    private static SavedRow row(SavedKey key) {
        return SavedRow.newBuilder()
                .setKey(Wire.wrap(key.key().utf8()))
                .setCreateRevision(key.createRevision())
                .setChangeRevision(key.changeRevision())
                .setVersion(key.version())
                .setTtlMillis(key.ttlMillis())
                .setContent(ConsulCodec.content(key.value()))
                .setFlags(key.flags())
                .setLockIndex(key.lockIndex())
                .setValue(Wire.wrap(key.value().bytes()))
                .build();
    }

    /** @throws FormatException if any part of it is not known to this version */
    static Restore decode(RestoreCommand wire) {
        Wire.requireKnown(wire, CommandCodec.ENTRY);
        String id = wire.getId();
        return switch (wire.getStepCase()) {
            case BEGIN -> begin(id, wire.getBegin());
            case CHUNK -> chunk(id, wire.getChunk());
            case SWITCH -> {
                RestoreSwitch last = wire.getSwitch();
                Wire.requireKnown(last, CommandCodec.ENTRY);
                yield new Restore.Switch(id, last.getChunks(), last.getKeys(), last.getFirst());
            }
            case ABORT -> {
                Wire.requireKnown(wire.getAbort(), CommandCodec.ENTRY);
                yield new Restore.Abort(id);
            }
            case STEP_NOT_SET -> throw FormatException.unknownContent(CommandCodec.ENTRY, "a step of a restore");
        };
    }

    private static Restore begin(String id, RestoreBegin wire) {
        Wire.requireKnown(wire, CommandCodec.ENTRY);
        return new Restore.Begin(
                id,
                wire.getRevision(),
                wire.getReplace(),
                Prefix.ofUtf8(wire.getPrefix().toByteArray()));
    }

    private static Restore chunk(String id, RestoreChunk wire) {
        Wire.requireKnown(wire, CommandCodec.ENTRY);
        return new Restore.Chunk(
                id,
                wire.getNumber(),
                wire.getRowsList().stream().map(RestoreCodec::saved).toList());
    }

    private static SavedKey saved(SavedRow wire) {
        Wire.requireKnown(wire, CommandCodec.ENTRY);
        return new SavedKey(
                Key.ofUtf8(wire.getKey().toByteArray()),
                ConsulCodec.value(wire.getContent(), wire.getValue()),
                wire.getCreateRevision(),
                wire.getChangeRevision(),
                wire.getVersion(),
                wire.getTtlMillis(),
                wire.getFlags(),
                wire.getLockIndex());
    }
}
