package dev.raftkv.codec;

import static dev.raftkv.codec.CommandCodec.ENTRY;

import com.google.protobuf.ByteString;
import dev.raftkv.codec.wire.ConsulCheckIndex;
import dev.raftkv.codec.wire.ConsulCheckSession;
import dev.raftkv.codec.wire.ConsulCommand;
import dev.raftkv.codec.wire.ConsulDelete;
import dev.raftkv.codec.wire.ConsulGet;
import dev.raftkv.codec.wire.ConsulOpen;
import dev.raftkv.codec.wire.ConsulOperation;
import dev.raftkv.codec.wire.ConsulPut;
import dev.raftkv.codec.wire.ConsulTxn;
import dev.raftkv.codec.wire.ContentKind;
import dev.raftkv.model.Command.OfConsul;
import dev.raftkv.model.Command.OfConsul.Mode;
import dev.raftkv.model.ConsulOp;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Value;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/** What Consul's interface writes, in the log; and values that may be no JSON text. */
final class ConsulCodec {
    private ConsulCodec() {}

    static ContentKind content(Value value) {
        return value.isJson() ? ContentKind.JSON_TEXT : ContentKind.PLAIN_BYTES;
    }

    static Value value(ContentKind content, ByteString bytes) {
        return switch (content) {
            case JSON_TEXT -> Value.of(new JsonText(bytes.toByteArray()));
            case PLAIN_BYTES -> Value.ofBytes(bytes.toByteArray());
            case UNRECOGNIZED -> throw FormatException.unknownContent(ENTRY, "a kind of value");
        };
    }

    static ConsulCommand encode(OfConsul step) {
        ConsulCommand.Builder wire = ConsulCommand.newBuilder();
        if (step instanceof OfConsul.Put put) {
            wire.setPut(put(put.key(), put.value(), put.flags(), put.mode()));
        } else if (step instanceof OfConsul.Delete delete) {
            wire.setDelete(delete(delete.key(), delete.revision()));
        } else if (step instanceof OfConsul.Txn txn) {
            ConsulTxn.Builder operations = ConsulTxn.newBuilder();
            txn.operations().forEach(operation -> operations.addOperations(encode(operation)));
            wire.setTxn(operations);
        } else {
            wire.setOpen(ConsulOpen.getDefaultInstance());
        }
        return wire.build();
    }

    private static ConsulPut put(Key key, Value value, long flags, Mode mode) {
        ConsulPut.Builder wire = ConsulPut.newBuilder()
                .setKey(Wire.wrap(key.utf8()))
                .setValue(Wire.wrap(value.bytes()))
                .setContent(content(value))
                .setFlags(flags);
        if (mode instanceof Mode.Cas cas) {
            wire.setCas(cas.revision());
        } else if (mode instanceof Mode.Acquire acquire) {
            wire.setAcquire(SessionCodec.bytes(acquire.session()));
        } else if (mode instanceof Mode.Release release) {
            wire.setRelease(SessionCodec.bytes(release.session()));
        }
        return wire.build();
    }

    private static ConsulDelete delete(Key key, OptionalLong revision) {
        ConsulDelete.Builder wire = ConsulDelete.newBuilder().setKey(Wire.wrap(key.utf8()));
        revision.ifPresent(wire::setRevision);
        return wire.build();
    }

    private static ConsulOperation encode(ConsulOp operation) {
        ConsulOperation.Builder wire = ConsulOperation.newBuilder();
        if (operation instanceof ConsulOp.Put put) {
            wire.setPut(put(put.key(), put.value(), put.flags(), put.mode()));
        } else if (operation instanceof ConsulOp.Get get) {
            wire.setGet(
                    ConsulGet.newBuilder().setKey(Wire.wrap(get.key().utf8())).setOrEmpty(get.orEmpty()));
        } else if (operation instanceof ConsulOp.GetTree tree) {
            wire.setGetTree(Wire.wrap(tree.prefix().utf8()));
        } else if (operation instanceof ConsulOp.CheckIndex check) {
            wire.setCheckIndex(ConsulCheckIndex.newBuilder()
                    .setKey(Wire.wrap(check.key().utf8()))
                    .setRevision(check.revision()));
        } else if (operation instanceof ConsulOp.CheckSession check) {
            wire.setCheckSession(ConsulCheckSession.newBuilder()
                    .setKey(Wire.wrap(check.key().utf8()))
                    .setSession(check.session().map(SessionCodec::bytes).orElse(ByteString.EMPTY)));
        } else if (operation instanceof ConsulOp.CheckNotExists check) {
            wire.setCheckNotExists(Wire.wrap(check.key().utf8()));
        } else if (operation instanceof ConsulOp.Delete delete) {
            wire.setDelete(delete(delete.key(), delete.revision()));
        } else if (operation instanceof ConsulOp.DeleteTree tree) {
            wire.setDeleteTree(Wire.wrap(tree.prefix().utf8()));
        }
        return wire.build();
    }

    /** @throws FormatException if any part of it is not known to this version */
    static OfConsul decode(ConsulCommand wire) {
        Wire.requireKnown(wire, ENTRY);
        return switch (wire.getStepCase()) {
            case OPEN -> {
                Wire.requireKnown(wire.getOpen(), ENTRY);
                yield new OfConsul.Open();
            }
            case PUT -> {
                ConsulPut put = wire.getPut();
                yield new OfConsul.Put(
                        key(put.getKey()), value(put.getContent(), put.getValue()), put.getFlags(), mode(put));
            }
            case DELETE -> new OfConsul.Delete(key(wire.getDelete().getKey()), revision(wire.getDelete()));
            case TXN -> {
                Wire.requireKnown(wire.getTxn(), ENTRY);
                yield new OfConsul.Txn(wire.getTxn().getOperationsList().stream()
                        .map(ConsulCodec::operation)
                        .toList());
            }
            case STEP_NOT_SET -> throw FormatException.unknownContent(ENTRY, "what Consul's interface writes");
        };
    }

    private static Mode mode(ConsulPut wire) {
        Wire.requireKnown(wire, ENTRY);
        return switch (wire.getModeCase()) {
            case CAS -> new Mode.Cas(wire.getCas());
            case ACQUIRE -> new Mode.Acquire(SessionCodec.id(wire.getAcquire()));
            case RELEASE -> new Mode.Release(SessionCodec.id(wire.getRelease()));
            case MODE_NOT_SET -> new Mode.Plain();
        };
    }

    private static OptionalLong revision(ConsulDelete wire) {
        Wire.requireKnown(wire, ENTRY);
        return wire.hasRevision() ? OptionalLong.of(wire.getRevision()) : OptionalLong.empty();
    }

    private static ConsulOp operation(ConsulOperation wire) {
        Wire.requireKnown(wire, ENTRY);
        return switch (wire.getKindCase()) {
            case PUT -> {
                ConsulPut put = wire.getPut();
                yield new ConsulOp.Put(
                        key(put.getKey()), value(put.getContent(), put.getValue()), put.getFlags(), mode(put));
            }
            case GET -> {
                Wire.requireKnown(wire.getGet(), ENTRY);
                yield new ConsulOp.Get(
                        key(wire.getGet().getKey()), wire.getGet().getOrEmpty());
            }
            case GET_TREE -> new ConsulOp.GetTree(prefix(wire.getGetTree()));
            case CHECK_INDEX -> {
                ConsulCheckIndex check = wire.getCheckIndex();
                Wire.requireKnown(check, ENTRY);
                yield new ConsulOp.CheckIndex(key(check.getKey()), check.getRevision());
            }
            case CHECK_SESSION -> {
                ConsulCheckSession check = wire.getCheckSession();
                Wire.requireKnown(check, ENTRY);
                Optional<UUID> session = check.getSession().isEmpty()
                        ? Optional.empty()
                        : Optional.of(SessionCodec.id(check.getSession()));
                yield new ConsulOp.CheckSession(key(check.getKey()), session);
            }
            case CHECK_NOT_EXISTS -> new ConsulOp.CheckNotExists(key(wire.getCheckNotExists()));
            case DELETE -> new ConsulOp.Delete(key(wire.getDelete().getKey()), revision(wire.getDelete()));
            case DELETE_TREE -> new ConsulOp.DeleteTree(prefix(wire.getDeleteTree()));
            case KIND_NOT_SET -> throw FormatException.unknownContent(ENTRY, "a kind of operation");
        };
    }

    private static Key key(ByteString utf8) {
        return Key.ofUtf8(utf8.toByteArray());
    }

    private static Prefix prefix(ByteString utf8) {
        return Prefix.ofUtf8(utf8.toByteArray());
    }
}
