package dev.raftkv.codec;

import dev.raftkv.codec.wire.AddedOutcome;
import dev.raftkv.codec.wire.AnnouncedOutcome;
import dev.raftkv.codec.wire.HeldOutcome;
import dev.raftkv.codec.wire.LogOutcome;
import dev.raftkv.codec.wire.PassedOutcome;
import dev.raftkv.codec.wire.RangeRemovedOutcome;
import dev.raftkv.codec.wire.RejectedOutcome;
import dev.raftkv.codec.wire.RejectedReason;
import dev.raftkv.codec.wire.RemovedOutcome;
import dev.raftkv.codec.wire.SessionMadeOutcome;
import dev.raftkv.codec.wire.SessionsEndedOutcome;
import dev.raftkv.codec.wire.StoredOutcome;
import dev.raftkv.codec.wire.TxnAdded;
import dev.raftkv.codec.wire.TxnFetched;
import dev.raftkv.codec.wire.TxnOutcome;
import dev.raftkv.codec.wire.TxnRangeFetched;
import dev.raftkv.codec.wire.TxnRemoved;
import dev.raftkv.codec.wire.TxnResult;
import dev.raftkv.codec.wire.TxnSeen;
import dev.raftkv.codec.wire.TxnStored;
import dev.raftkv.codec.wire.TxnTaken;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Hold;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.TxnOp.Result;
import java.util.Optional;

/** What applying a command did, remembered for a repetition of its request. */
final class OutcomeCodec {
    private static final String OUTCOME = "the outcome of a command";

    private OutcomeCodec() {}

    static LogOutcome encode(Outcome outcome) {
        return outcome.accept(WRITER).setRevision(outcome.revision()).build();
    }

    /** @throws FormatException if it is of a kind that this version does not know */
    static Outcome decode(LogOutcome wire) {
        Wire.requireKnown(wire, OUTCOME);
        long revision = wire.getRevision();
        return switch (wire.getKindCase()) {
            case STORED -> new Outcome.Stored(revision);
            case ADDED -> {
                Wire.requireKnown(wire.getAdded(), OUTCOME);
                yield new Outcome.Added(
                        revision, CommandCodec.counter(wire.getAdded().getValue(), OUTCOME));
            }
            case REMOVED -> new Outcome.Removed(revision, wire.getRemoved().getExisted());
            case RANGE_REMOVED ->
                new Outcome.RangeRemoved(revision, wire.getRangeRemoved().getCount());
            case TXN -> txn(revision, wire.getTxn());
            case PASSED -> new Outcome.Passed(revision, wire.getPassed().getIndex());
            case ANNOUNCED -> new Outcome.Announced(revision);
            case SESSION_MADE ->
                new Outcome.SessionMade(
                        revision, SessionCodec.id(wire.getSessionMade().getId()));
            case SESSIONS_ENDED ->
                new Outcome.SessionsEnded(revision, wire.getSessionsEnded().getCount());
            case HELD -> {
                yield new Outcome.Held(
                        revision,
                        hold(wire.getHeld()),
                        wire.getHeld().getSlot().isEmpty()
                                ? Optional.empty()
                                : Optional.of(
                                        Key.ofUtf8(wire.getHeld().getSlot().toByteArray())));
            }
            case REJECTED ->
                new Outcome.Rejected(
                        revision,
                        reason(wire.getRejected().getReason()),
                        wire.getRejected().getChangeRevision());
            case KIND_NOT_SET -> throw FormatException.unknownContent(OUTCOME, "a kind of outcome");
        };
    }

    private static Outcome.Reason reason(RejectedReason wire) {
        return switch (wire) {
            case PRECONDITION -> Outcome.Reason.PRECONDITION;
            case REQUEST_KEY_REUSED -> Outcome.Reason.REQUEST_KEY_REUSED;
            case RESULT_TOO_LARGE -> Outcome.Reason.RESULT_TOO_LARGE;
            case RANGE_TOO_LARGE -> Outcome.Reason.RANGE_TOO_LARGE;
            case COMPARED_RANGE_TOO_LARGE -> Outcome.Reason.COMPARED_RANGE_TOO_LARGE;
            case READ_RANGE_TOO_LARGE -> Outcome.Reason.READ_RANGE_TOO_LARGE;
            case RESTORE_UNDER_WAY -> Outcome.Reason.RESTORE_UNDER_WAY;
            case RESTORE_ENDED -> Outcome.Reason.RESTORE_ENDED;
            case KEYS_IN_THE_WAY -> Outcome.Reason.KEYS_IN_THE_WAY;
            case WRITTEN_MEANWHILE -> Outcome.Reason.WRITTEN_MEANWHILE;
            case NO_COUNTER -> Outcome.Reason.NO_COUNTER;
            case COUNTER_TOO_LONG -> Outcome.Reason.COUNTER_TOO_LONG;
            case KEY_TAKEN -> Outcome.Reason.KEY_TAKEN;
            case TOO_MANY_SESSIONS -> Outcome.Reason.TOO_MANY_SESSIONS;
            case NO_SUCH_SESSION -> Outcome.Reason.NO_SUCH_SESSION;
            case OTHER_SESSION -> Outcome.Reason.OTHER_SESSION;
            case LOCK_DELAY -> Outcome.Reason.LOCK_DELAY;
            case TOO_MANY_KEYS_OF_SESSION -> Outcome.Reason.TOO_MANY_KEYS_OF_SESSION;
            case NOT_HELD -> Outcome.Reason.NOT_HELD;
            case NO_SLOT -> Outcome.Reason.NO_SLOT;
            case UNKNOWN_REASON, UNRECOGNIZED -> throw FormatException.unknownContent(OUTCOME, "a reason");
        };
    }

    private static RejectedReason reason(Outcome.Reason reason) {
        return switch (reason) {
            case PRECONDITION -> RejectedReason.PRECONDITION;
            case REQUEST_KEY_REUSED -> RejectedReason.REQUEST_KEY_REUSED;
            case RESULT_TOO_LARGE -> RejectedReason.RESULT_TOO_LARGE;
            case RANGE_TOO_LARGE -> RejectedReason.RANGE_TOO_LARGE;
            case COMPARED_RANGE_TOO_LARGE -> RejectedReason.COMPARED_RANGE_TOO_LARGE;
            case READ_RANGE_TOO_LARGE -> RejectedReason.READ_RANGE_TOO_LARGE;
            case RESTORE_UNDER_WAY -> RejectedReason.RESTORE_UNDER_WAY;
            case RESTORE_ENDED -> RejectedReason.RESTORE_ENDED;
            case KEYS_IN_THE_WAY -> RejectedReason.KEYS_IN_THE_WAY;
            case WRITTEN_MEANWHILE -> RejectedReason.WRITTEN_MEANWHILE;
            case NO_COUNTER -> RejectedReason.NO_COUNTER;
            case COUNTER_TOO_LONG -> RejectedReason.COUNTER_TOO_LONG;
            case KEY_TAKEN -> RejectedReason.KEY_TAKEN;
            case TOO_MANY_SESSIONS -> RejectedReason.TOO_MANY_SESSIONS;
            case NO_SUCH_SESSION -> RejectedReason.NO_SUCH_SESSION;
            case OTHER_SESSION -> RejectedReason.OTHER_SESSION;
            case LOCK_DELAY -> RejectedReason.LOCK_DELAY;
            case TOO_MANY_KEYS_OF_SESSION -> RejectedReason.TOO_MANY_KEYS_OF_SESSION;
            case NOT_HELD -> RejectedReason.NOT_HELD;
            case NO_SLOT -> RejectedReason.NO_SLOT;
        };
    }

    private static Outcome txn(long revision, TxnOutcome wire) {
        Wire.requireKnown(wire, OUTCOME);
        return new Outcome.TxnDone(
                revision,
                wire.getSucceeded(),
                wire.getResultsList().stream().map(OutcomeCodec::result).toList());
    }

    private static Result result(TxnResult wire) {
        Wire.requireKnown(wire, OUTCOME);
        return switch (wire.getKindCase()) {
            case RANGE_FETCHED -> {
                TxnRangeFetched range = wire.getRangeFetched();
                Wire.requireKnown(range, OUTCOME);
                yield new Result.RangeFetched(
                        prefix(wire),
                        range.getFoundList().stream()
                                .map(OutcomeCodec::resultOfKey)
                                .toList(),
                        range.getMore());
            }
            case RANGE_REMOVED -> {
                Wire.requireKnown(wire.getRangeRemoved(), OUTCOME);
                yield new Result.RangeRemoved(
                        prefix(wire), wire.getRangeRemoved().getCount());
            }
            default -> resultOfKey(wire);
        };
    }

    private static Hold hold(HeldOutcome wire) {
        Wire.requireKnown(wire, OUTCOME);
        return new Hold(SessionCodec.id(wire.getSession()), wire.getToken());
    }

    private static HeldOutcome hold(Hold hold) {
        return HeldOutcome.newBuilder()
                .setSession(SessionCodec.bytes(hold.session()))
                .setToken(hold.token())
                .build();
    }

    private static Prefix prefix(TxnResult wire) {
        return Prefix.ofUtf8(wire.getKey().toByteArray());
    }

    private static Result.OfOne resultOfKey(TxnResult wire) {
        Wire.requireKnown(wire, OUTCOME);
        Key key = Key.ofUtf8(wire.getKey().toByteArray());
        return switch (wire.getKindCase()) {
            case STORED -> {
                TxnStored stored = wire.getStored();
                yield new Result.Stored(
                        key, stored.getCreateRevision(), stored.getChangeRevision(), stored.getVersion());
            }
            case FETCHED -> {
                byte[] row = wire.getFetched().getRow().toByteArray();
                Optional<Entry> entry = row.length == 0 ? Optional.empty() : Optional.of(RowCodec.decode(key, row));
                yield new Result.Fetched(key, entry);
            }
            case REMOVED -> new Result.Removed(key, wire.getRemoved().getExisted());
            case SEEN -> {
                TxnSeen seen = wire.getSeen();
                Wire.requireKnown(seen, OUTCOME);
                yield new Result.Seen(key, seen.getCreateRevision(), seen.getChangeRevision(), seen.getVersion());
            }
            case ADDED -> {
                TxnAdded added = wire.getAdded();
                Wire.requireKnown(added, OUTCOME);
                yield new Result.Added(
                        key,
                        CommandCodec.counter(added.getValue(), OUTCOME),
                        added.getCreateRevision(),
                        added.getChangeRevision(),
                        added.getVersion());
            }
            case TAKEN -> {
                TxnTaken taken = wire.getTaken();
                Wire.requireKnown(taken, OUTCOME);
                yield new Result.Taken(
                        key,
                        taken.getCreateRevision(),
                        taken.getChangeRevision(),
                        taken.getVersion(),
                        hold(taken.getHeld()));
            }
            case RANGE_FETCHED, RANGE_REMOVED, KIND_NOT_SET ->
                throw FormatException.unknownContent(OUTCOME, "a kind of result");
        };
    }

    private static TxnResult encode(Result result) {
        TxnResult.Builder wire = TxnResult.newBuilder();
        if (result instanceof Result.OfOne one) {
            wire.setKey(Wire.wrap(one.key().utf8()));
        }
        if (result instanceof Result.RangeFetched range) {
            TxnRangeFetched.Builder fetched = TxnRangeFetched.newBuilder().setMore(range.more());
            range.found().forEach(each -> fetched.addFound(encode(each)));
            wire.setKey(Wire.wrap(range.prefix().utf8())).setRangeFetched(fetched);
        } else if (result instanceof Result.RangeRemoved range) {
            wire.setKey(Wire.wrap(range.prefix().utf8()))
                    .setRangeRemoved(RangeRemovedOutcome.newBuilder().setCount(range.count()));
        } else if (result instanceof Result.Stored stored) {
            wire.setStored(TxnStored.newBuilder()
                    .setCreateRevision(stored.createRevision())
                    .setChangeRevision(stored.changeRevision())
                    .setVersion(stored.version()));
        } else if (result instanceof Result.Taken taken) {
            wire.setTaken(TxnTaken.newBuilder()
                    .setCreateRevision(taken.createRevision())
                    .setChangeRevision(taken.changeRevision())
                    .setVersion(taken.version())
                    .setHeld(hold(taken.hold())));
        } else if (result instanceof Result.Added added) {
            wire.setAdded(TxnAdded.newBuilder()
                    .setCreateRevision(added.createRevision())
                    .setChangeRevision(added.changeRevision())
                    .setVersion(added.version())
                    .setValue(CommandCodec.bytes(added.value())));
        } else if (result instanceof Result.Fetched fetched) {
            TxnFetched.Builder row = TxnFetched.newBuilder();
            fetched.entry().ifPresent(entry -> row.setRow(Wire.wrap(RowCodec.encode(entry))));
            wire.setFetched(row);
        } else if (result instanceof Result.Removed removed) {
            wire.setRemoved(TxnRemoved.newBuilder().setExisted(removed.existed()));
        } else if (result instanceof Result.Seen seen) {
            wire.setSeen(TxnSeen.newBuilder()
                    .setCreateRevision(seen.createRevision())
                    .setChangeRevision(seen.changeRevision())
                    .setVersion(seen.version()));
        } else {
            throw new IllegalArgumentException("no encoding for " + result);
        }
        return wire.build();
    }

    private static final Outcome.Visitor<LogOutcome.Builder> WRITER = new Outcome.Visitor<>() {
        @Override
        public LogOutcome.Builder stored(Outcome.Stored stored) {
            return LogOutcome.newBuilder().setStored(StoredOutcome.getDefaultInstance());
        }

        @Override
        public LogOutcome.Builder added(Outcome.Added added) {
            return LogOutcome.newBuilder()
                    .setAdded(AddedOutcome.newBuilder().setValue(CommandCodec.bytes(added.value())));
        }

        @Override
        public LogOutcome.Builder removed(Outcome.Removed removed) {
            return LogOutcome.newBuilder()
                    .setRemoved(RemovedOutcome.newBuilder().setExisted(removed.existed()));
        }

        @Override
        public LogOutcome.Builder rangeRemoved(Outcome.RangeRemoved removed) {
            return LogOutcome.newBuilder()
                    .setRangeRemoved(RangeRemovedOutcome.newBuilder().setCount(removed.count()));
        }

        @Override
        public LogOutcome.Builder txnDone(Outcome.TxnDone done) {
            TxnOutcome.Builder wire = TxnOutcome.newBuilder().setSucceeded(done.succeeded());
            done.results().forEach(result -> wire.addResults(encode(result)));
            return LogOutcome.newBuilder().setTxn(wire);
        }

        @Override
        public LogOutcome.Builder passed(Outcome.Passed passed) {
            return LogOutcome.newBuilder().setPassed(PassedOutcome.newBuilder().setIndex(passed.index()));
        }

        @Override
        public LogOutcome.Builder announced(Outcome.Announced announced) {
            return LogOutcome.newBuilder().setAnnounced(AnnouncedOutcome.getDefaultInstance());
        }

        @Override
        public LogOutcome.Builder sessionMade(Outcome.SessionMade made) {
            return LogOutcome.newBuilder()
                    .setSessionMade(SessionMadeOutcome.newBuilder().setId(SessionCodec.bytes(made.id())));
        }

        @Override
        public LogOutcome.Builder sessionsEnded(Outcome.SessionsEnded ended) {
            return LogOutcome.newBuilder()
                    .setSessionsEnded(SessionsEndedOutcome.newBuilder().setCount(ended.count()));
        }

        @Override
        public LogOutcome.Builder held(Outcome.Held held) {
            HeldOutcome.Builder wire = hold(held.hold()).toBuilder();
            held.slot().ifPresent(key -> wire.setSlot(Wire.wrap(key.utf8())));
            return LogOutcome.newBuilder().setHeld(wire);
        }

        @Override
        public LogOutcome.Builder done(Outcome.Done done) {
            throw neverRemembered(done);
        }

        @Override
        public LogOutcome.Builder consulDone(Outcome.ConsulDone done) {
            throw neverRemembered(done);
        }

        private static IllegalArgumentException neverRemembered(Outcome outcome) {
            return new IllegalArgumentException("no encoding for " + outcome);
        }

        @Override
        public LogOutcome.Builder rejected(Outcome.Rejected rejected) {
            return LogOutcome.newBuilder()
                    .setRejected(RejectedOutcome.newBuilder()
                            .setReason(reason(rejected.reason()))
                            .setChangeRevision(rejected.changeRevision()));
        }
    };
}
