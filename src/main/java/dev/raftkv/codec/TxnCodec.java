package dev.raftkv.codec;

import static dev.raftkv.codec.CommandCodec.ENTRY;

import com.google.protobuf.ByteString;
import dev.raftkv.codec.wire.GetOperation;
import dev.raftkv.codec.wire.GetRangeOperation;
import dev.raftkv.codec.wire.PutCommand;
import dev.raftkv.codec.wire.SessionDelete;
import dev.raftkv.codec.wire.SessionPut;
import dev.raftkv.codec.wire.SessionRelease;
import dev.raftkv.codec.wire.TxnCommand;
import dev.raftkv.codec.wire.TxnCompare;
import dev.raftkv.codec.wire.TxnOperation;
import dev.raftkv.codec.wire.TxnOperator;
import dev.raftkv.model.Command;
import dev.raftkv.model.Compare;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.TxnOp;
import java.util.Optional;

/** Transactions: their compares and operations. */
final class TxnCodec {
    private TxnCodec() {}

    static TxnCommand encode(Command.Txn txn) {
        TxnCommand.Builder wire = TxnCommand.newBuilder();
        txn.compares().forEach(compare -> wire.addCompares(encode(compare)));
        txn.then().forEach(operation -> wire.addThen(encode(operation)));
        txn.otherwise().forEach(operation -> wire.addOtherwise(encode(operation)));
        return wire.build();
    }

    private static TxnCompare encode(Compare compare) {
        TxnCompare.Builder wire = TxnCompare.newBuilder();
        if (compare instanceof Compare.OfKey one) {
            wire.setKey(Wire.wrap(one.key().utf8()));
        } else if (compare instanceof Compare.OfRange range) {
            wire.setPrefix(Wire.wrap(range.prefix().utf8()));
        }
        if (compare instanceof Compare.Existence existence) {
            wire.setExists(existence.exists());
        } else if (compare instanceof Compare.Value value) {
            wire.setValue(Wire.wrap(value.value().utf8()))
                    .setOperator(value.equal() ? TxnOperator.EQUAL : TxnOperator.NOT_EQUAL);
        } else if (compare instanceof Compare.Revision revision) {
            wire.setRevision(revision.revision()).setOperator(encode(revision.operator()));
        } else if (compare instanceof Compare.Version version) {
            wire.setVersion(version.version()).setOperator(encode(version.operator()));
        } else if (compare instanceof Compare.Holder holder) {
            wire.setHolder(holder.session().map(SessionCodec::bytes).orElse(ByteString.EMPTY))
                    .setOperator(holder.equal() ? TxnOperator.EQUAL : TxnOperator.NOT_EQUAL);
        } else if (compare instanceof Compare.Token token) {
            wire.setToken(token.token()).setOperator(encode(token.operator()));
        } else if (compare instanceof Compare.Count count) {
            wire.setCount(count.count()).setOperator(encode(count.operator()));
        } else if (compare instanceof Compare.Revisions revisions) {
            wire.setRevision(revisions.revision()).setOperator(encode(revisions.operator()));
        } else {
            throw new IllegalArgumentException("no encoding for " + compare);
        }
        return wire.build();
    }

    private static TxnOperator encode(Compare.Operator operator) {
        return switch (operator) {
            case EQUAL -> TxnOperator.EQUAL;
            case NOT_EQUAL -> TxnOperator.NOT_EQUAL;
            case LESS -> TxnOperator.LESS;
            case GREATER -> TxnOperator.GREATER;
            case AT_MOST -> TxnOperator.AT_MOST;
            case AT_LEAST -> TxnOperator.AT_LEAST;
        };
    }

    private static TxnOperation encode(TxnOp operation) {
        TxnOperation.Builder wire = TxnOperation.newBuilder();
        if (operation instanceof TxnOp.Put put) {
            wire.setPut(CommandCodec.put(put.key(), put.value(), put.ttlMillis()));
        } else if (operation instanceof TxnOp.Get get) {
            wire.setGet(GetOperation.newBuilder().setKey(Wire.wrap(get.key().utf8())));
        } else if (operation instanceof TxnOp.Delete delete) {
            wire.setDelete(CommandCodec.delete(delete.key()));
        } else if (operation instanceof TxnOp.Add add) {
            wire.setAdd(CommandCodec.add(add.key(), add.by()));
        } else if (operation instanceof TxnOp.Take take) {
            wire.setTake(SessionPut.newBuilder()
                    .setKey(Wire.wrap(take.key().utf8()))
                    .setValue(Wire.wrap(take.value().utf8()))
                    .setSession(SessionCodec.bytes(take.session())));
        } else if (operation instanceof TxnOp.Release release) {
            wire.setRelease(SessionRelease.newBuilder()
                    .setKey(Wire.wrap(release.key().utf8()))
                    .setValue(Wire.wrap(release.value().utf8()))
                    .setSession(SessionCodec.bytes(release.session())));
        } else if (operation instanceof TxnOp.DeleteHeld delete) {
            wire.setDeleteHeld(SessionDelete.newBuilder()
                    .setKey(Wire.wrap(delete.key().utf8()))
                    .setSession(SessionCodec.bytes(delete.session())));
        } else if (operation instanceof TxnOp.GetRange range) {
            wire.setGetRange(GetRangeOperation.newBuilder()
                    .setPrefix(Wire.wrap(range.prefix().utf8()))
                    .setLimit(range.limit()));
        } else if (operation instanceof TxnOp.DeleteRange range) {
            wire.setDeleteRange(CommandCodec.deleteRange(range.prefix()));
        } else {
            throw new IllegalArgumentException("no encoding for " + operation);
        }
        return wire.build();
    }

    static Command decode(TxnCommand wire) {
        Wire.requireKnown(wire, ENTRY);
        return new Command.Txn(
                wire.getComparesList().stream().map(TxnCodec::compare).toList(),
                wire.getThenList().stream().map(TxnCodec::operation).toList(),
                wire.getOtherwiseList().stream().map(TxnCodec::operation).toList());
    }

    private static Compare compare(TxnCompare wire) {
        Wire.requireKnown(wire, ENTRY);
        if (wire.hasPrefix()) {
            return ofRange(wire);
        }
        Key key = key(wire.getKey());
        return switch (wire.getTargetCase()) {
            case EXISTS -> new Compare.Existence(key, wire.getExists());
            case VALUE ->
                new Compare.Value(
                        key, new JsonText(wire.getValue().toByteArray()), wire.getOperator() == TxnOperator.EQUAL);
            case REVISION -> new Compare.Revision(key, operator(wire.getOperator()), wire.getRevision());
            case VERSION -> new Compare.Version(key, operator(wire.getOperator()), wire.getVersion());
            case HOLDER ->
                new Compare.Holder(
                        key,
                        wire.getHolder().isEmpty() ? Optional.empty() : Optional.of(SessionCodec.id(wire.getHolder())),
                        wire.getOperator() == TxnOperator.EQUAL);
            case TOKEN -> new Compare.Token(key, operator(wire.getOperator()), wire.getToken());
            case COUNT, TARGET_NOT_SET -> throw unknownCompare();
        };
    }

    private static Compare ofRange(TxnCompare wire) {
        Prefix prefix = Prefix.ofUtf8(wire.getPrefix().toByteArray());
        return switch (wire.getTargetCase()) {
            case COUNT -> new Compare.Count(prefix, operator(wire.getOperator()), wire.getCount());
            case REVISION -> new Compare.Revisions(prefix, operator(wire.getOperator()), wire.getRevision());
            case EXISTS, VALUE, VERSION, HOLDER, TOKEN, TARGET_NOT_SET -> throw unknownCompare();
        };
    }

    private static FormatException unknownCompare() {
        return FormatException.unknownContent(ENTRY, "a kind of compare");
    }

    private static Compare.Operator operator(TxnOperator wire) {
        return switch (wire) {
            case EQUAL -> Compare.Operator.EQUAL;
            case NOT_EQUAL -> Compare.Operator.NOT_EQUAL;
            case LESS -> Compare.Operator.LESS;
            case GREATER -> Compare.Operator.GREATER;
            case AT_MOST -> Compare.Operator.AT_MOST;
            case AT_LEAST -> Compare.Operator.AT_LEAST;
            case UNRECOGNIZED -> throw FormatException.unknownContent(ENTRY, "an operator");
        };
    }

    private static TxnOp operation(TxnOperation wire) {
        Wire.requireKnown(wire, ENTRY);
        return switch (wire.getKindCase()) {
            case PUT -> put(wire.getPut());
            case GET -> {
                Wire.requireKnown(wire.getGet(), ENTRY);
                yield new TxnOp.Get(key(wire.getGet().getKey()));
            }
            case DELETE -> {
                Wire.requireKnown(wire.getDelete(), ENTRY);
                yield new TxnOp.Delete(key(wire.getDelete().getKey()));
            }
            case ADD -> {
                Wire.requireKnown(wire.getAdd(), ENTRY);
                yield new TxnOp.Add(
                        key(wire.getAdd().getKey()),
                        CommandCodec.counter(wire.getAdd().getBy(), ENTRY));
            }
            case TAKE -> {
                SessionPut take = wire.getTake();
                Wire.requireKnown(take, ENTRY);
                yield new TxnOp.Take(
                        key(take.getKey()),
                        new JsonText(take.getValue().toByteArray()),
                        SessionCodec.id(take.getSession()));
            }
            case RELEASE -> {
                SessionRelease release = wire.getRelease();
                Wire.requireKnown(release, ENTRY);
                yield new TxnOp.Release(
                        key(release.getKey()),
                        new JsonText(release.getValue().toByteArray()),
                        SessionCodec.id(release.getSession()));
            }
            case DELETE_HELD -> {
                Wire.requireKnown(wire.getDeleteHeld(), ENTRY);
                yield new TxnOp.DeleteHeld(
                        key(wire.getDeleteHeld().getKey()),
                        SessionCodec.id(wire.getDeleteHeld().getSession()));
            }
            case GET_RANGE -> {
                Wire.requireKnown(wire.getGetRange(), ENTRY);
                yield new TxnOp.GetRange(
                        Prefix.ofUtf8(wire.getGetRange().getPrefix().toByteArray()),
                        wire.getGetRange().getLimit());
            }
            case DELETE_RANGE -> {
                Wire.requireKnown(wire.getDeleteRange(), ENTRY);
                yield new TxnOp.DeleteRange(
                        Prefix.ofUtf8(wire.getDeleteRange().getPrefix().toByteArray()));
            }
            case KIND_NOT_SET -> throw FormatException.unknownContent(ENTRY, "a kind of operation");
        };
    }

    private static TxnOp put(PutCommand wire) {
        Wire.requireKnown(wire, ENTRY);
        return new TxnOp.Put(key(wire.getKey()), new JsonText(wire.getValue().toByteArray()), wire.getTtlMillis());
    }

    private static Key key(ByteString utf8) {
        return Key.ofUtf8(utf8.toByteArray());
    }
}
