package dev.raftkv.codec;

import com.google.protobuf.ByteString;
import dev.raftkv.codec.wire.ConsulMembers;
import dev.raftkv.codec.wire.SessionBehavior;
import dev.raftkv.codec.wire.SessionCommand;
import dev.raftkv.codec.wire.SessionCreate;
import dev.raftkv.codec.wire.SessionDelete;
import dev.raftkv.codec.wire.SessionEnd;
import dev.raftkv.codec.wire.SessionPut;
import dev.raftkv.codec.wire.SessionRecord;
import dev.raftkv.codec.wire.SessionRelease;
import dev.raftkv.codec.wire.SessionSlot;
import dev.raftkv.codec.wire.SessionsRecord;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.ConsulSession;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Session;
import dev.raftkv.model.Session.Behavior;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/** Sessions: their commands in the log, and their records in the store. */
public final class SessionCodec {
    /** Of an id. */
    public static final int ID_BYTES = 16;

    private static final String RECORD = "the record of a session";

    private SessionCodec() {}

    /**
     * All sessions of a keyspace.
     *
     * @param count how many there are
     * @param changes how many have begun or ended
     */
    public record Total(long count, long changes) {
        public static final Total NONE = new Total(0, 0);
    }

    /** The bytes of an id, by whose order ids are ordered. */
    public static byte[] array(UUID id) {
        return ByteBuffer.allocate(ID_BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }

    /** @throws FormatException if these are not so many bytes as an id has */
    public static UUID id(byte[] bytes) {
        return id(ByteBuffer.wrap(bytes));
    }

    static UUID id(ByteString bytes) {
        return id(bytes.asReadOnlyByteBuffer());
    }

    private static UUID id(ByteBuffer bytes) {
        if (bytes.remaining() != ID_BYTES) {
            throw FormatException.unknownContent("the id of a session", "a length");
        }
        return new UUID(bytes.getLong(), bytes.getLong());
    }

    static ByteString bytes(UUID id) {
        return Wire.wrap(array(id));
    }

    static SessionCommand encode(OfSession step) {
        SessionCommand.Builder wire = SessionCommand.newBuilder();
        if (step instanceof OfSession.Create create) {
            SessionCreate.Builder begins = SessionCreate.newBuilder()
                    .setId(bytes(create.id()))
                    .setName(create.name())
                    .setTtlMillis(create.ttlMillis())
                    .setBehavior(behavior(create.behavior()))
                    .setLockDelayMillis(create.lockDelayMillis());
            create.consul().ifPresent(consul -> begins.setConsul(members(consul)));
            wire.setCreate(begins);
        } else if (step instanceof OfSession.End end) {
            SessionEnd.Builder ids = SessionEnd.newBuilder().setTerm(end.term());
            end.ids().forEach(id -> ids.addIds(bytes(id)));
            wire.setEnd(ids);
        } else if (step instanceof OfSession.Put put) {
            wire.setPut(SessionPut.newBuilder()
                    .setKey(Wire.wrap(put.key().utf8()))
                    .setValue(Wire.wrap(put.value().utf8()))
                    .setSession(bytes(put.session())));
        } else if (step instanceof OfSession.Release release) {
            wire.setRelease(SessionRelease.newBuilder()
                    .setKey(Wire.wrap(release.key().utf8()))
                    .setValue(Wire.wrap(release.value().utf8()))
                    .setSession(bytes(release.session())));
        } else if (step instanceof OfSession.Slot slot) {
            wire.setSlot(SessionSlot.newBuilder()
                    .setPrefix(Wire.wrap(slot.prefix().utf8()))
                    .setSlots(slot.slots())
                    .setValue(Wire.wrap(slot.value().utf8()))
                    .setSession(bytes(slot.session())));
        } else if (step instanceof OfSession.Delete delete) {
            wire.setDelete(SessionDelete.newBuilder()
                    .setKey(Wire.wrap(delete.key().utf8()))
                    .setSession(bytes(delete.session())));
        }
        return wire.build();
    }

    /** @throws FormatException if any part of it is not known to this version */
    static OfSession decode(SessionCommand wire) {
        Wire.requireKnown(wire, CommandCodec.ENTRY);
        return switch (wire.getStepCase()) {
            case CREATE -> create(wire.getCreate());
            case END -> end(wire.getEnd());
            case PUT -> put(wire.getPut());
            case RELEASE -> release(wire.getRelease());
            case DELETE -> delete(wire.getDelete());
            case SLOT -> slot(wire.getSlot());
            case STEP_NOT_SET -> throw FormatException.unknownContent(CommandCodec.ENTRY, "what is done to sessions");
        };
    }

    private static OfSession create(SessionCreate wire) {
        Wire.requireKnown(wire, CommandCodec.ENTRY);
        return new OfSession.Create(
                id(wire.getId()),
                wire.getName(),
                wire.getTtlMillis(),
                behavior(wire.getBehavior()),
                wire.getLockDelayMillis(),
                wire.hasConsul() ? Optional.of(consul(wire.getConsul(), CommandCodec.ENTRY)) : Optional.empty());
    }

    private static OfSession end(SessionEnd wire) {
        Wire.requireKnown(wire, CommandCodec.ENTRY);
        return new OfSession.End(
                wire.getIdsList().stream().map(SessionCodec::id).toList(), wire.getTerm());
    }

    private static OfSession put(SessionPut wire) {
        Wire.requireKnown(wire, CommandCodec.ENTRY);
        return new OfSession.Put(
                Key.ofUtf8(wire.getKey().toByteArray()),
                new JsonText(wire.getValue().toByteArray()),
                id(wire.getSession()));
    }

    private static OfSession release(SessionRelease wire) {
        Wire.requireKnown(wire, CommandCodec.ENTRY);
        return new OfSession.Release(
                Key.ofUtf8(wire.getKey().toByteArray()),
                new JsonText(wire.getValue().toByteArray()),
                id(wire.getSession()));
    }

    private static OfSession slot(SessionSlot wire) {
        Wire.requireKnown(wire, CommandCodec.ENTRY);
        return new OfSession.Slot(
                Prefix.ofUtf8(wire.getPrefix().toByteArray()),
                wire.getSlots(),
                new JsonText(wire.getValue().toByteArray()),
                id(wire.getSession()));
    }

    private static OfSession delete(SessionDelete wire) {
        Wire.requireKnown(wire, CommandCodec.ENTRY);
        return new OfSession.Delete(Key.ofUtf8(wire.getKey().toByteArray()), id(wire.getSession()));
    }

    /** The record of a session, without its id. */
    public static byte[] encode(Session session) {
        SessionRecord.Builder record = SessionRecord.newBuilder()
                .setName(session.name())
                .setTtlMillis(session.ttlMillis())
                .setBehavior(behavior(session.behavior()))
                .setLockDelayMillis(session.lockDelayMillis())
                .setNumber(session.number())
                .setKeys(session.keys());
        session.consul().ifPresent(consul -> record.setConsul(members(consul)));
        return record.build().toByteArray();
    }

    /** @throws FormatException if the record is damaged or holds a field that this version does not know */
    public static Session decode(UUID id, byte[] record) {
        SessionRecord wire = Wire.parseKnown(SessionRecord.parser(), record, RECORD);
        return new Session(
                id,
                wire.getName(),
                wire.getTtlMillis(),
                behavior(wire.getBehavior()),
                wire.getLockDelayMillis(),
                wire.getNumber(),
                wire.getKeys(),
                wire.hasConsul() ? Optional.of(consul(wire.getConsul(), RECORD)) : Optional.empty());
    }

    private static ConsulMembers members(ConsulSession consul) {
        return ConsulMembers.newBuilder()
                .setNode(consul.node())
                .setTtl(consul.ttl())
                .setLockDelayNanos(consul.lockDelayNanos())
                .setChecks(consul.checks())
                .build();
    }

    private static ConsulSession consul(ConsulMembers wire, String what) {
        Wire.requireKnown(wire, what);
        return new ConsulSession(wire.getNode(), wire.getTtl(), wire.getLockDelayNanos(), wire.getChecks());
    }

    public static byte[] encode(Total total) {
        return SessionsRecord.newBuilder()
                .setCount(total.count())
                .setChanges(total.changes())
                .build()
                .toByteArray();
    }

    /** @throws FormatException if the record is damaged or holds a field that this version does not know */
    public static Total decodeTotal(byte[] record) {
        SessionsRecord wire = Wire.parseKnown(SessionsRecord.parser(), record, "the record of all sessions");
        return new Total(wire.getCount(), wire.getChanges());
    }

    private static SessionBehavior behavior(Behavior behavior) {
        return switch (behavior) {
            case DELETE -> SessionBehavior.DELETE_KEYS;
            case RELEASE -> SessionBehavior.RELEASE_KEYS;
        };
    }

    private static Behavior behavior(SessionBehavior wire) {
        return switch (wire) {
            case DELETE_KEYS -> Behavior.DELETE;
            case RELEASE_KEYS -> Behavior.RELEASE;
            case UNKNOWN_BEHAVIOR, UNRECOGNIZED -> throw FormatException.unknownContent(RECORD, "a behavior");
        };
    }
}
