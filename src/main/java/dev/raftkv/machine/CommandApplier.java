package dev.raftkv.machine;

import dev.raftkv.model.Batch;
import dev.raftkv.model.Command;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.Remembered;
import dev.raftkv.model.RequestId;
import dev.raftkv.model.Write;
import dev.raftkv.store.Ranges;
import dev.raftkv.store.WriteTransaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;

/** Applies the commands of a Raft entry. */
public final class CommandApplier {
    /** The most bytes of values that one transaction reads: they travel to the client in one answer. */
    public static final int MAX_RESULT_BYTES = 8 << 20;

    /** The most keys that one command removes because their time is over. */
    static final int MAX_EXPIRED = 1_000;

    /**
     * Applies commands in order, for callers that wait for their outcomes. Committing is the caller's. A failure of the store
     * goes through: the entry is then not applied, and the node must stop.
     *
     * @param term that of the entry
     * @param index that of the entry in the Raft log
     * @return one outcome per command, in order
     */
    public List<Outcome> apply(Batch batch, long term, long index, WriteTransaction transaction) {
        List<Outcome> outcomes = new ArrayList<>(batch.writes().size());
        for (Write write : batch.writes()) {
            outcomes.add(apply(write, new Application(term, index, Detail.VALUES, transaction)));
        }
        return outcomes;
    }

    /**
     * As {@link #apply}, for nobody: the store is changed alike, and no values are read that only an answer would show. So an
     * entry takes little memory where it is followed or applied again, whatever it took where it was answered.
     */
    public void follow(Batch batch, long term, long index, WriteTransaction transaction) {
        for (Write write : batch.writes()) {
            Detail detail =
                    !write.isNamedRead() ? Detail.NOTHING : write.remembersValues() ? Detail.VALUES : Detail.HISTORIES;
            apply(write, new Application(term, index, detail, transaction));
        }
    }

    private static Outcome apply(Write write, Application application) {
        WriteTransaction transaction = application.transaction;
        transaction.nextCommand();
        transaction.needs(write.command().logLevel());
        return write.requestId().isPresent()
                ? applyOnce(write, application, transaction)
                : apply(write, application, transaction);
    }

    /** A request that was applied before has its outcome again, and changes nothing. */
    private static Outcome applyOnce(Write write, Application application, WriteTransaction transaction) {
        RequestId id = write.requestId().orElseThrow();
        Optional<Remembered> known = transaction.remembered(id.key());
        if (known.isPresent()) {
            return known.get().id().equals(id)
                    ? application.recall(known.get().outcome())
                    : new Outcome.Rejected(transaction.revision(), Reason.REQUEST_KEY_REUSED, 0);
        }
        Outcome outcome = apply(write, application, transaction);
        transaction.remember(id, write.remembersValues() ? outcome : outcome.withoutValues());
        return outcome;
    }

    private static Outcome apply(Write write, Application application, WriteTransaction transaction) {
        OptionalLong contradiction = contradiction(write, transaction);
        return contradiction.isPresent()
                ? new Outcome.Rejected(transaction.revision(), Reason.PRECONDITION, contradiction.getAsLong())
                : write.command().accept(application);
    }

    /** The revision of the key's last change, if the precondition does not hold. */
    private static OptionalLong contradiction(Write write, WriteTransaction transaction) {
        Precondition precondition = write.precondition();
        if (precondition.equals(Precondition.NONE)) {
            return OptionalLong.empty();
        }
        long revision = keyOf(write.command()).map(transaction::changeRevision).orElse(0L);
        return precondition.holds(revision) ? OptionalLong.empty() : OptionalLong.of(revision);
    }

    private static Optional<Key> keyOf(Command command) {
        if (command instanceof Command.Put put) {
            return Optional.of(put.key());
        }
        if (command instanceof Command.Add add) {
            return Optional.of(add.key());
        }
        if (command instanceof Command.OfSession.Put put) {
            return Optional.of(put.key());
        }
        if (command instanceof Command.OfSession.Release release) {
            return Optional.of(release.key());
        }
        if (command instanceof Command.OfSession.Delete delete) {
            return Optional.of(delete.key());
        }
        return command instanceof Command.Delete delete ? Optional.of(delete.key()) : Optional.empty();
    }

    private record Application(long term, long index, Detail detail, WriteTransaction transaction)
            implements Command.Visitor<Outcome> {
        /** An outcome that was remembered; nobody else than who waits for it needs to see it. */
        Outcome recall(Outcome remembered) {
            return detail == Detail.VALUES && remembered instanceof Outcome.TxnDone done
                    ? new TxnApplier(transaction, detail).recall(done)
                    : remembered;
        }

        @Override
        public Outcome put(Command.Put put) {
            transaction.put(put.key(), put.value(), put.ttlMillis());
            return new Outcome.Stored(transaction.revision());
        }

        @Override
        public Outcome delete(Command.Delete delete) {
            boolean existed = transaction.delete(delete.key());
            return new Outcome.Removed(transaction.revision(), existed);
        }

        @Override
        public Outcome add(Command.Add add) {
            Addition addition = Addition.of(Addition.before(add.key(), transaction), add.by());
            if (addition.refusal().isPresent()) {
                return new Outcome.Rejected(
                        transaction.revision(), addition.refusal().get(), 0);
            }
            transaction.replace(add.key(), addition.sum().json());
            return new Outcome.Added(transaction.revision(), addition.sum());
        }

        @Override
        public Outcome append(Command.Append append) {
            Key key = append.key(transaction.revision() + 1);
            if (transaction.changeRevision(key) > 0) {
                return new Outcome.Rejected(transaction.revision(), Reason.KEY_TAKEN, 0);
            }
            transaction.put(key, append.value(), append.ttlMillis());
            return new Outcome.Stored(transaction.revision());
        }

        @Override
        public Outcome deleteRange(Command.DeleteRange range) {
            Ranges ranges = transaction.ranges();
            if (ranges.count(range.prefix(), Command.DeleteRange.MOST_KEYS).isEmpty()) {
                return rejected(Reason.RANGE_TOO_LARGE);
            }
            long removed = ranges.remove(range.prefix());
            return new Outcome.RangeRemoved(transaction.revision(), removed);
        }

        @Override
        public Outcome txn(Command.Txn txn) {
            return new TxnApplier(transaction, detail).apply(txn);
        }

        @Override
        public Outcome expire(Command.Expire expire) {
            long removed = transaction.expire(MAX_EXPIRED);
            return new Outcome.RangeRemoved(transaction.revision(), removed);
        }

        @Override
        public Outcome barrier(Command.Barrier barrier) {
            return new Outcome.Passed(transaction.revision(), index);
        }

        @Override
        public Outcome restore(Command.Restore restore) {
            Optional<Reason> refusal = transaction.restore(restore);
            if (refusal.isPresent()) {
                return new Outcome.Rejected(transaction.revision(), refusal.get(), 0);
            }
            return restore instanceof Command.Restore.Switch
                    ? new Outcome.Stored(transaction.revision())
                    : new Outcome.Passed(transaction.revision(), index);
        }

        @Override
        public Outcome session(Command.OfSession step) {
            if (step instanceof Command.OfSession.Create create) {
                return transaction
                        .create(create)
                        .map(this::rejected)
                        .orElseGet(() -> new Outcome.SessionMade(transaction.revision(), create.id()));
            }
            if (step instanceof Command.OfSession.Put put) {
                return transaction
                        .put(put)
                        .map(this::rejected)
                        .orElseGet(() -> new Outcome.Held(
                                transaction.revision(),
                                transaction.hold(put.key()).orElseThrow()));
            }
            if (step instanceof Command.OfSession.Slot slot) {
                return slot(slot);
            }
            if (step instanceof Command.OfSession.Release release) {
                return transaction.release(release)
                        ? new Outcome.Stored(transaction.revision())
                        : rejected(Reason.NOT_HELD);
            }
            if (step instanceof Command.OfSession.Delete delete) {
                return delete(delete);
            }
            Command.OfSession.End end = (Command.OfSession.End) step;
            boolean over = end.term() != 0;
            // Whoever led in another term has heard of renewals that the leader of this one may not know.
            long ended = over && end.term() != term ? 0 : transaction.end(end.ids(), over);
            return new Outcome.SessionsEnded(transaction.revision(), ended);
        }

        private Outcome slot(Command.OfSession.Slot slot) {
            AtomicReference<Key> taken = new AtomicReference<>();
            return transaction.put(slot, taken::set).map(this::rejected).orElseGet(() -> {
                Key key = taken.get();
                return new Outcome.Held(
                        transaction.revision(), transaction.hold(key).orElseThrow(), Optional.of(key));
            });
        }

        private Outcome delete(Command.OfSession.Delete delete) {
            Key key = delete.key();
            boolean held = transaction
                    .hold(key)
                    .filter(hold -> hold.session().equals(delete.session()))
                    .isPresent();
            if (!held && transaction.changeRevision(key) > 0) {
                return rejected(Reason.NOT_HELD);
            }
            boolean existed = transaction.delete(key);
            return new Outcome.Removed(transaction.revision(), existed);
        }

        private Outcome rejected(Reason reason) {
            return new Outcome.Rejected(transaction.revision(), reason, 0);
        }

        @Override
        public Outcome consul(Command.OfConsul step) {
            return new ConsulApplier(transaction, detail).apply(step, index);
        }

        @Override
        public Outcome announce(Command.Announce announce) {
            transaction.announce(announce.nodeId(), announce.httpAddress());
            return new Outcome.Announced(transaction.revision());
        }

        @Override
        public Outcome settings(Command.Settings settings) {
            transaction.keep(settings.history());
            return new Outcome.Passed(transaction.revision(), index);
        }
    }
}
