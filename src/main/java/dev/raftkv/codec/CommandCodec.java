package dev.raftkv.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.raftkv.codec.wire.AddCommand;
import dev.raftkv.codec.wire.AnnounceCommand;
import dev.raftkv.codec.wire.AppendCommand;
import dev.raftkv.codec.wire.BarrierCommand;
import dev.raftkv.codec.wire.DeleteCommand;
import dev.raftkv.codec.wire.DeleteRangeCommand;
import dev.raftkv.codec.wire.ExpireCommand;
import dev.raftkv.codec.wire.LogCommand;
import dev.raftkv.codec.wire.LogEntry;
import dev.raftkv.codec.wire.PutCommand;
import dev.raftkv.codec.wire.RequestName;
import dev.raftkv.model.Batch;
import dev.raftkv.model.Command;
import dev.raftkv.model.Counter;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.RequestId;
import dev.raftkv.model.Write;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** The commands of one Raft log entry. */
public final class CommandCodec {
    static final String ENTRY = "an entry of the Raft log";

    /** The most bytes that an entry has beside its commands. */
    public static final int ENTRY_BYTES = 16;

    private static final int FORMAT = 1;

    private CommandCodec() {}

    /** The bytes of one command, for {@link #entry}. */
    public static byte[] encode(Write write) {
        return wire(write).toByteArray();
    }

    /** How many bytes an encoded command takes in an entry, in which {@link #ENTRY_BYTES} more are taken at most. */
    public static int sizeInEntry(byte[] command) {
        return CodedOutputStream.computeByteArraySize(LogEntry.COMMANDS_FIELD_NUMBER, command);
    }

    /**
     * The bytes of one Raft log entry. No commands make a valid entry, one that changes nothing.
     *
     * @param commands encoded, in the order in which they are applied
     */
    public static byte[] entry(long time, List<byte[]> commands) {
        int size = CodedOutputStream.computeUInt32Size(LogEntry.FORMAT_FIELD_NUMBER, FORMAT)
                + (time == 0 ? 0 : CodedOutputStream.computeUInt64Size(LogEntry.TIME_FIELD_NUMBER, time));
        for (byte[] command : commands) {
            size += sizeInEntry(command);
        }
        byte[] entry = new byte[size];
        CodedOutputStream out = CodedOutputStream.newInstance(entry);
        try {
            out.writeUInt32(LogEntry.FORMAT_FIELD_NUMBER, FORMAT);
            for (byte[] command : commands) {
                out.writeByteArray(LogEntry.COMMANDS_FIELD_NUMBER, command);
            }
            if (time != 0) {
                out.writeUInt64(LogEntry.TIME_FIELD_NUMBER, time);
            }
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException("the size of an entry was reckoned wrong", e);
        }
        return entry;
    }

    private static LogCommand wire(Write write) {
        LogCommand.Builder wire = write.command().accept(WRITER);
        if (!write.precondition().equals(Precondition.NONE)) {
            wire.setCondition(ConditionCodec.encode(write.precondition()));
        }
        write.requestId()
                .ifPresent(id -> wire.setRequest(RequestName.newBuilder()
                        .setKey(id.key())
                        .setFingerprint(id.fingerprint())
                        .setWithoutValues(write.isNamedRead() && !write.remembersValues())));
        return wire.build();
    }

    /**
     * The commands of one Raft log entry, in order.
     *
     * @param entry read from its position to its limit
     * @throws FormatException if any part of the entry is damaged or not known to this version
     */
    public static Batch decode(ByteBuffer entry) {
        LogEntry decoded = Wire.parse(LogEntry.parser(), entry, ENTRY);
        if (decoded.getFormat() != FORMAT) {
            throw FormatException.unknownFormat(ENTRY, decoded.getFormat(), FORMAT);
        }
        Wire.requireKnown(decoded, ENTRY);
        return new Batch(
                decoded.getTime(),
                decoded.getCommandsList().stream().map(CommandCodec::write).toList());
    }

    private static Write write(LogCommand wire) {
        Wire.requireKnown(wire, ENTRY);
        Precondition precondition =
                wire.hasCondition() ? ConditionCodec.decode(wire.getCondition()) : Precondition.NONE;
        Write write = new Write(
                command(wire), precondition, wire.hasRequest() ? request(wire.getRequest()) : Optional.empty());
        return write.isNamedRead() && !wire.getRequest().getWithoutValues()
                ? new Write(write.command(), precondition, write.requestId(), true)
                : write;
    }

    private static Optional<RequestId> request(RequestName wire) {
        Wire.requireKnown(wire, ENTRY);
        return Optional.of(new RequestId(wire.getKey(), wire.getFingerprint()));
    }

    private static Command command(LogCommand wire) {
        return switch (wire.getKindCase()) {
            case PUT -> put(wire.getPut());
            case DELETE -> delete(wire.getDelete());
            case ANNOUNCE -> announce(wire.getAnnounce());
            case DELETE_RANGE -> deleteRange(wire.getDeleteRange());
            case TXN -> TxnCodec.decode(wire.getTxn());
            case EXPIRE -> {
                Wire.requireKnown(wire.getExpire(), ENTRY);
                yield new Command.Expire();
            }
            case BARRIER -> {
                Wire.requireKnown(wire.getBarrier(), ENTRY);
                yield new Command.Barrier();
            }
            case SESSION -> SessionCodec.decode(wire.getSession());
            case RESTORE -> RestoreCodec.decode(wire.getRestore());
            case ADD -> {
                Wire.requireKnown(wire.getAdd(), ENTRY);
                yield new Command.Add(
                        Key.ofUtf8(wire.getAdd().getKey().toByteArray()),
                        counter(wire.getAdd().getBy(), ENTRY));
            }
            case APPEND -> append(wire.getAppend());
            case CONSUL -> ConsulCodec.decode(wire.getConsul());
            case SETTINGS -> {
                Wire.requireKnown(wire.getSettings(), ENTRY);
                yield new Command.Settings(RecordCodec.limits(wire.getSettings().getHistory(), ENTRY));
            }
            case KIND_NOT_SET -> throw FormatException.unknownContent(ENTRY, "a kind of command");
        };
    }

    private static Command put(PutCommand wire) {
        Wire.requireKnown(wire, ENTRY);
        return new Command.Put(
                Key.ofUtf8(wire.getKey().toByteArray()),
                new JsonText(wire.getValue().toByteArray()),
                wire.getTtlMillis());
    }

    private static Command append(AppendCommand wire) {
        Wire.requireKnown(wire, ENTRY);
        return new Command.Append(
                Prefix.ofUtf8(wire.getPrefix().toByteArray()),
                new JsonText(wire.getValue().toByteArray()),
                wire.getTtlMillis());
    }

    private static Command delete(DeleteCommand wire) {
        Wire.requireKnown(wire, ENTRY);
        return new Command.Delete(Key.ofUtf8(wire.getKey().toByteArray()));
    }

    private static Command deleteRange(DeleteRangeCommand wire) {
        Wire.requireKnown(wire, ENTRY);
        return new Command.DeleteRange(Prefix.ofUtf8(wire.getPrefix().toByteArray()));
    }

    private static Command announce(AnnounceCommand wire) {
        Wire.requireKnown(wire, ENTRY);
        return new Command.Announce(wire.getNodeId(), wire.getHttpAddress());
    }

    static PutCommand put(Key key, JsonText value, long ttlMillis) {
        return PutCommand.newBuilder()
                .setKey(Wire.wrap(key.utf8()))
                .setValue(Wire.wrap(value.utf8()))
                .setTtlMillis(ttlMillis)
                .build();
    }

    static DeleteCommand delete(Key key) {
        return DeleteCommand.newBuilder().setKey(Wire.wrap(key.utf8())).build();
    }

    static DeleteRangeCommand deleteRange(Prefix prefix) {
        return DeleteRangeCommand.newBuilder()
                .setPrefix(Wire.wrap(prefix.utf8()))
                .build();
    }

    static AddCommand add(Key key, Counter by) {
        return AddCommand.newBuilder()
                .setKey(Wire.wrap(key.utf8()))
                .setBy(bytes(by))
                .build();
    }

    static ByteString bytes(Counter counter) {
        return Wire.wrap(counter.number().toByteArray());
    }

    /** @throws FormatException if it is none */
    static Counter counter(ByteString bytes, String what) {
        try {
            return new Counter(new BigInteger(bytes.toByteArray()));
        } catch (NumberFormatException | KvException e) {
            throw FormatException.damaged(what, e);
        }
    }

    private static final Command.Visitor<LogCommand.Builder> WRITER = new Command.Visitor<>() {
        @Override
        public LogCommand.Builder put(Command.Put put) {
            return LogCommand.newBuilder().setPut(CommandCodec.put(put.key(), put.value(), put.ttlMillis()));
        }

        @Override
        public LogCommand.Builder delete(Command.Delete delete) {
            return LogCommand.newBuilder().setDelete(CommandCodec.delete(delete.key()));
        }

        @Override
        public LogCommand.Builder add(Command.Add add) {
            return LogCommand.newBuilder().setAdd(CommandCodec.add(add.key(), add.by()));
        }

        @Override
        public LogCommand.Builder append(Command.Append append) {
            return LogCommand.newBuilder()
                    .setAppend(AppendCommand.newBuilder()
                            .setPrefix(Wire.wrap(append.prefix().utf8()))
                            .setValue(Wire.wrap(append.value().utf8()))
                            .setTtlMillis(append.ttlMillis()));
        }

        @Override
        public LogCommand.Builder deleteRange(Command.DeleteRange range) {
            return LogCommand.newBuilder().setDeleteRange(CommandCodec.deleteRange(range.prefix()));
        }

        @Override
        public LogCommand.Builder txn(Command.Txn txn) {
            return LogCommand.newBuilder().setTxn(TxnCodec.encode(txn));
        }

        @Override
        public LogCommand.Builder expire(Command.Expire expire) {
            return LogCommand.newBuilder().setExpire(ExpireCommand.getDefaultInstance());
        }

        @Override
        public LogCommand.Builder barrier(Command.Barrier barrier) {
            return LogCommand.newBuilder().setBarrier(BarrierCommand.getDefaultInstance());
        }

        @Override
        public LogCommand.Builder restore(Command.Restore restore) {
            return LogCommand.newBuilder().setRestore(RestoreCodec.encode(restore));
        }

        @Override
        public LogCommand.Builder session(Command.OfSession step) {
            return LogCommand.newBuilder().setSession(SessionCodec.encode(step));
        }

        @Override
        public LogCommand.Builder consul(Command.OfConsul step) {
            return LogCommand.newBuilder().setConsul(ConsulCodec.encode(step));
        }

        @Override
        public LogCommand.Builder announce(Command.Announce announce) {
            return LogCommand.newBuilder()
                    .setAnnounce(AnnounceCommand.newBuilder()
                            .setNodeId(announce.nodeId())
                            .setHttpAddress(announce.httpAddress()));
        }

        @Override
        public LogCommand.Builder settings(Command.Settings settings) {
            return LogCommand.newBuilder().setSettings(RecordCodec.settings(settings.history()));
        }
    };
}
