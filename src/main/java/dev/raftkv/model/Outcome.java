package dev.raftkv.model;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What applying a {@link Write} did. The same on every node. */
public sealed interface Outcome {
    /** The store's revision after the command: that of the change, if there was one. */
    long revision();

    /** The same without the values that were read. */
    default Outcome withoutValues() {
        return this;
    }

    /** Lets the visitor handle this kind of outcome. A new kind is a compile error at every use until handled. */
    <R> R accept(Visitor<R> visitor);

    /** What is done with each kind of outcome. */
    interface Visitor<R> {
        R stored(Stored stored);

        R added(Added added);

        R removed(Removed removed);

        R rangeRemoved(RangeRemoved removed);

        R txnDone(TxnDone done);

        R passed(Passed passed);

        R announced(Announced announced);

        R sessionMade(SessionMade made);

        R sessionsEnded(SessionsEnded ended);

        R held(Held held);

        R done(Done done);

        R consulDone(ConsulDone done);

        R rejected(Rejected rejected);
    }

    /** The value is stored; revision is that of this change. */
    record Stored(long revision) implements Outcome {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.stored(this);
        }
    }

    /**
     * The sum is stored; revision is that of this change.
     *
     * @param value the sum
     */
    record Added(long revision, Counter value) implements Outcome {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.added(this);
        }
    }

    /** The key is not there any more; revision is that of this change if it existed, else the store's. */
    record Removed(long revision, boolean existed) implements Outcome {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.removed(this);
        }
    }

    /** So many keys are not there any more, of a range or because their time was over. */
    record RangeRemoved(long revision, long count) implements Outcome {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.rangeRemoved(this);
        }
    }

    /**
     * @param succeeded whether all compares held
     * @param results one for each operation of the list that was run, in order
     */
    record TxnDone(long revision, boolean succeeded, List<TxnOp.Result> results) implements Outcome {
        @Override
        public Outcome withoutValues() {
            return new TxnDone(
                    revision,
                    succeeded,
                    results.stream().map(TxnOp.Result::withoutValue).toList());
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.txnDone(this);
        }
    }

    /** @param index that of the barrier in the Raft log */
    record Passed(long revision, long index) implements Outcome {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.passed(this);
        }
    }

    /** The member's address is known. */
    record Announced(long revision) implements Outcome {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.announced(this);
        }
    }

    /** The session lives. */
    record SessionMade(long revision, UUID id) implements Outcome {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.sessionMade(this);
        }
    }

    /** @param count so many sessions of those that were named, the first ones, are not there any more */
    record SessionsEnded(long revision, long count) implements Outcome {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.sessionsEnded(this);
        }
    }

    /**
     * The value is stored, and a session has the key; revision is that of this change.
     *
     * @param slot the key, if it was chosen when the command was applied
     */
    record Held(long revision, Hold hold, Optional<Key> slot) implements Outcome {
        /** Of the key that the command names. */
        public Held(long revision, Hold hold) {
            this(revision, hold, Optional.empty());
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.held(this);
        }
    }

    /** @param done whether what Consul's interface has asked for is so now; if not nothing was changed */
    record Done(long revision, boolean done) implements Outcome {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.done(this);
        }
    }

    /**
     * @param results of the operations, in their order; none if there are errors
     * @param errors of each operation that cannot be, in their order; then nothing was changed
     */
    record ConsulDone(long revision, List<ConsulResult> results, List<ConsulError> errors) implements Outcome {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.consulDone(this);
        }
    }

    /**
     * Nothing was changed.
     *
     * @param changeRevision that of the key of the precondition that did not hold, 0 if there is no such key, or another reason
     */
    record Rejected(long revision, Reason reason, long changeRevision) implements Outcome {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.rejected(this);
        }
    }

    /** Why nothing was changed. */
    enum Reason {
        /** The {@link Precondition} did not hold. */
        PRECONDITION,
        /** The {@link RequestId}'s key was used for another request before. */
        REQUEST_KEY_REUSED,
        /** The values that a transaction reads are too many bytes for one answer. */
        RESULT_TOO_LARGE,
        /** The ranges to remove have too many keys for one command. */
        RANGE_TOO_LARGE,
        /** A transaction's compares would look at too many keys. */
        COMPARED_RANGE_TOO_LARGE,
        /** The ranges that a transaction reads are too many keys or bytes. */
        READ_RANGE_TOO_LARGE,
        /** There is another restore, which may still go on. */
        RESTORE_UNDER_WAY,
        /** The restore is not under way any more, or a part of it is missing. */
        RESTORE_ENDED,
        /** There are keys that a restore may not replace. */
        KEYS_IN_THE_WAY,
        /** The cluster was new when a restore began, and is not any more. */
        WRITTEN_MEANWHILE,
        /** The key that is added to holds something else than a {@link Counter}. */
        NO_COUNTER,
        /** The sum has more digits than a {@link Counter}. */
        COUNTER_TOO_LONG,
        /** Somebody has stored the key already that would be the next of a sequence. */
        KEY_TAKEN,
        /** There are as many sessions as may be. */
        TOO_MANY_SESSIONS,
        /** The session has ended, or has never been. */
        NO_SUCH_SESSION,
        /** Another session has the key. */
        OTHER_SESSION,
        /** A session that had the key ended just now. */
        LOCK_DELAY,
        /** The session has as many keys as it may. */
        TOO_MANY_KEYS_OF_SESSION,
        /** All slots of a semaphore are held, or more than it has any more. */
        NO_SLOT,
        /** The session does not have the key that it was to let go. */
        NOT_HELD
    }
}
