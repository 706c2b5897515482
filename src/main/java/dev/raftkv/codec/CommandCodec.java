package dev.raftkv.codec;

import dev.raftkv.codec.wire.AnnounceCommand;
import dev.raftkv.codec.wire.DeleteCommand;
import dev.raftkv.codec.wire.LogCommand;
import dev.raftkv.codec.wire.LogEntry;
import dev.raftkv.codec.wire.PutCommand;
import dev.raftkv.model.Command;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import java.nio.ByteBuffer;
import java.util.List;

/** The commands of one Raft log entry. */
public final class CommandCodec {
    private static final int FORMAT = 1;
    private static final String ENTRY = "an entry of the Raft log";

    /**
     * More than a command needs beside its texts: four tags, as many lengths of at most five bytes, and the entry's
     * format.
     */
    private static final int OVERHEAD = 32;

    /** The most bytes that UTF-8 needs for one char. */
    private static final int BYTES_PER_CHAR = 3;

    private CommandCodec() {}

    /** The bytes of one Raft log entry. No commands make a valid entry, one that changes nothing. */
    public static byte[] encode(List<Command> commands) {
        LogEntry.Builder entry = LogEntry.newBuilder().setFormat(FORMAT);
        for (Command command : commands) {
            LogCommand wire = command.match(CommandCodec::put, CommandCodec::delete, CommandCodec::announce);
            entry.addCommands(wire);
        }
        return entry.build().toByteArray();
    }

    /**
     * The commands of one Raft log entry, in order.
     *
     * @param entry read from its position to its limit
     * @throws FormatException if any part of the entry is damaged or not known to this version
     */
    public static List<Command> decode(ByteBuffer entry) {
        LogEntry decoded = Wire.parse(LogEntry.parser(), entry, ENTRY);
        if (decoded.getFormat() != FORMAT) {
            throw FormatException.unknownFormat(ENTRY, decoded.getFormat(), FORMAT);
        }
        Wire.requireKnown(decoded, ENTRY);
        return decoded.getCommandsList().stream().map(CommandCodec::command).toList();
    }

    /**
     * An upper bound of what a command adds to an entry, in bytes. An entry of at least one command is never longer than
     * the sum over its commands.
     */
    public static int sizeOf(Command command) {
        return command.match(
                put -> OVERHEAD + put.key().utf8().length + put.value().length(),
                delete -> OVERHEAD + delete.key().utf8().length,
                announce -> OVERHEAD
                        + BYTES_PER_CHAR
                                * (announce.nodeId().length()
                                        + announce.httpAddress().length()));
    }

    private static LogCommand put(Command.Put put) {
        PutCommand.Builder wire = PutCommand.newBuilder()
                .setKey(Wire.wrap(put.key().utf8()))
                .setValue(Wire.wrap(put.value().utf8()));
        return LogCommand.newBuilder().setPut(wire).build();
    }

    private static LogCommand delete(Command.Delete delete) {
        DeleteCommand.Builder wire =
                DeleteCommand.newBuilder().setKey(Wire.wrap(delete.key().utf8()));
        return LogCommand.newBuilder().setDelete(wire).build();
    }

    private static LogCommand announce(Command.Announce announce) {
        AnnounceCommand.Builder wire =
                AnnounceCommand.newBuilder().setNodeId(announce.nodeId()).setHttpAddress(announce.httpAddress());
        return LogCommand.newBuilder().setAnnounce(wire).build();
    }

    private static Command command(LogCommand wire) {
        Wire.requireKnown(wire, ENTRY);
        return switch (wire.getKindCase()) {
            case PUT -> put(wire.getPut());
            case DELETE -> delete(wire.getDelete());
            case ANNOUNCE -> announce(wire.getAnnounce());
            case KIND_NOT_SET -> throw FormatException.unknownContent(ENTRY, "a kind of command");
        };
    }

    private static Command put(PutCommand wire) {
        Wire.requireKnown(wire, ENTRY);
        return new Command.Put(
                Key.ofUtf8(wire.getKey().toByteArray()),
                new JsonText(wire.getValue().toByteArray()));
    }

    private static Command delete(DeleteCommand wire) {
        Wire.requireKnown(wire, ENTRY);
        return new Command.Delete(Key.ofUtf8(wire.getKey().toByteArray()));
    }

    private static Command announce(AnnounceCommand wire) {
        Wire.requireKnown(wire, ENTRY);
        return new Command.Announce(wire.getNodeId(), wire.getHttpAddress());
    }
}
