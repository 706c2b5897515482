package dev.raftkv.model;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/** A change of replicated state, as one client asked for it. */
public sealed interface Command {
    /** Lets the visitor handle this kind of command. A new kind is a compile error at every use until handled. */
    <R> R accept(Visitor<R> visitor);

    /**
     * The {@link Identity#LOG_LEVEL} that who reads it in the log must have; 0 if each version reads it. A restore is 0 too: its
     * beginning is held back in a way of its own.
     */
    default int logLevel() {
        return 0;
    }

    /** The most keys that it looks at or removes by their prefix; 0 for most commands. */
    default int rangeKeys() {
        return 0;
    }

    /** What is done with each kind of command. */
    interface Visitor<R> {
        R put(Put put);

        R delete(Delete delete);

        R add(Add add);

        R append(Append append);

        R deleteRange(DeleteRange range);

        R txn(Txn txn);

        R expire(Expire expire);

        R barrier(Barrier barrier);

        R announce(Announce announce);

        R settings(Settings settings);

        R restore(Restore restore);

        R session(OfSession step);

        R consul(OfConsul step);
    }

    /**
     * Stores a value under a key, new or not.
     *
     * @param ttlMillis after how many milliseconds of cluster time the key expires, 0 for never
     */
    record Put(Key key, JsonText value, long ttlMillis) implements Command {
        /** A value that stays until it is changed. */
        public Put(Key key, JsonText value) {
            this(key, value, 0);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.put(this);
        }
    }

    /** Removes a key; removing one that does not exist changes nothing. */
    record Delete(Key key) implements Command {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.delete(this);
        }
    }

    /** Adds to the integer that a key holds, which it goes on to hold for as long as before; 0 if there is no such key. */
    record Add(Key key, Counter by) implements Command {
        /** Of counters, also in a transaction, and of sequences. */
        static final int LEVEL = 4;

        @Override
        public int logLevel() {
            return LEVEL;
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.add(this);
        }
    }

    /**
     * Stores a value under a new key of a sequence: one that its command makes of the prefix and its own revision. That grows
     * with each change, is never given twice, not after a restore either, and needs no look at the keys that are there.
     *
     * @param ttlMillis as in {@link Put}
     */
    record Append(Prefix prefix, JsonText value, long ttlMillis) implements Command {
        /** Holds any number of 64 bits, so that the names sort as the numbers do, for ever. */
        public static final int DIGITS = 20;

        /**
         * @throws KvException {@link Code#INVALID} for a prefix that is empty or begins with white space, which no key does;
         *     {@link Code#TOO_LARGE} if it leaves no room for a number
         */
        public Append {
            requireBeginning("a sequence", "queue/", prefix, DIGITS);
        }

        private static void requireBeginning(String what, String example, Prefix prefix, int digits) {
            if (prefix.text().isEmpty() || !prefix.text().stripLeading().equals(prefix.text())) {
                throw new KvException(
                        Code.INVALID, what + " has a prefix that keys can begin with: give one like " + example);
            }
            if (prefix.utf8().length > Key.MAX_BYTES - digits) {
                throw new KvException(
                        Code.TOO_LARGE,
                        "prefix is too long: " + prefix.utf8().length + " bytes in UTF-8, the limit is "
                                + (Key.MAX_BYTES - digits) + " bytes, as a number of " + digits + " digits follows it");
            }
        }

        @Override
        public int logLevel() {
            return Add.LEVEL;
        }

        /** The key that it stores the value under. */
        public Key key(long revision) {
            return Key.of(prefix.text() + String.format(Locale.ROOT, "%0" + DIGITS + "d", revision));
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.append(this);
        }
    }

    /** Removes all keys that start with a prefix, as one change; none if there are more than {@value #MOST_KEYS}. */
    record DeleteRange(Prefix prefix) implements Command {
        public static final int MOST_KEYS = 50_000;

        @Override
        public int rangeKeys() {
            return MOST_KEYS;
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.deleteRange(this);
        }
    }

    /** Compares keys, then runs one of two lists of operations, all as one change. */
    record Txn(List<Compare> compares, List<TxnOp> then, List<TxnOp> otherwise) implements Command {
        /** Of ranges in transactions, and of the operators that have come with them. */
        static final int RANGES_LEVEL = 7;

        /** Of what transactions do with sessions. */
        static final int SESSIONS_LEVEL = 10;

        /** Whether one of the lists has a {@link TxnOp.Get} or a {@link TxnOp.GetRange}. */
        public boolean reads() {
            return has(TxnOp.Get.class) || has(TxnOp.GetRange.class);
        }

        @Override
        public int logLevel() {
            if (has(TxnOp.OfSession.class) || compares.stream().anyMatch(Compare::needsSessions)) {
                return SESSIONS_LEVEL;
            }
            if (has(TxnOp.OfRange.class) || compares.stream().anyMatch(Compare::needsRanges)) {
                return RANGES_LEVEL;
            }
            return has(TxnOp.Add.class) ? Add.LEVEL : 0;
        }

        @Override
        public int rangeKeys() {
            long compared = 0;
            for (Compare compare : compares) {
                if (compare instanceof Compare.Count count) {
                    compared += Math.min(count.count(), Compare.OfRange.MOST_KEYS) + 1;
                } else if (compare instanceof Compare.Revisions) {
                    compared += Compare.OfRange.MOST_KEYS;
                }
            }
            return (int) Math.min(compared, Compare.OfRange.MOST_KEYS)
                    + Math.max(rangeKeys(then), rangeKeys(otherwise));
        }

        private static int rangeKeys(List<TxnOp> operations) {
            int read = 0;
            int removed = 0;
            for (TxnOp operation : operations) {
                if (operation instanceof TxnOp.GetRange range) {
                    read += range.most();
                } else if (operation instanceof TxnOp.DeleteRange) {
                    removed = DeleteRange.MOST_KEYS;
                }
            }
            return Math.min(read, TxnOp.GetRange.MOST_KEYS) + removed;
        }

        /** Whether one of the lists has an operation of this kind. */
        public boolean has(Class<? extends TxnOp> kind) {
            return then.stream().anyMatch(kind::isInstance)
                    || otherwise.stream().anyMatch(kind::isInstance);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.txn(this);
        }
    }

    /** Removes the keys whose time is over at the time of the entry, the earliest first and a bounded number of them. */
    record Expire() implements Command {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.expire(this);
        }
    }

    /** Changes nothing: whoever sees it applied knows that all before it was, and that its proposer led at that time. */
    record Barrier() implements Command {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.barrier(this);
        }
    }

    /**
     * A step of a restore. Begin, so many chunks, and the switch, at which all of them take the place of what was there; or an
     * abort, after which nothing is left of them.
     */
    sealed interface Restore extends Command {
        /** So many keys may a restore of a part bring, and so many may be there before it: both are changed in one entry. */
        int MOST_KEYS_OF_A_PART = 50_000;

        /** So many bytes of rows may a restore of a part bring. */
        long MOST_BYTES_OF_A_PART = 64L << 20;

        /** Names the restore, and no other one. */
        String id();

        @Override
        default <R> R accept(Visitor<R> visitor) {
            return visitor.restore(this);
        }

        /**
         * @param revision the backup's, which the store's will be above
         * @param replace whether keys that are there may be replaced
         * @param prefix of the keys that are replaced
         */
        record Begin(String id, long revision, boolean replace, Prefix prefix) implements Restore {}

        /**
         * @param number of chunks before this one
         * @param keys in their order; those with the revision 0 get that of the restore
         */
        record Chunk(String id, long number, List<SavedKey> keys) implements Restore {
            @Override
            public int logLevel() {
                return keys.stream().anyMatch(SavedKey::needsConsul) ? OfConsul.LEVEL : 0;
            }
        }

        /**
         * @param chunks how many there have to be
         * @param keys how many are in them
         * @param first whether it is refused if the store has had a revision of its own by then: keys keep those of another
         *     cluster, which must not have stood for anything here
         */
        record Switch(String id, long chunks, long keys, boolean first) implements Restore {}

        /** Nothing happens if it is over already. */
        record Abort(String id) implements Restore {}
    }

    /** What is done to sessions. */
    sealed interface OfSession extends Command {
        /** So many may be named by one {@link End}. */
        int MOST_ENDED = 500;

        /** Of all of them. At 5 keys of sessions had no tokens, which no release ever wrote. */
        int LEVEL = 6;

        @Override
        default int logLevel() {
            return LEVEL;
        }

        @Override
        default <R> R accept(Visitor<R> visitor) {
            return visitor.session(this);
        }

        /** Begins a session; the fields are those of {@link Session}. */
        record Create(
                UUID id,
                String name,
                long ttlMillis,
                Session.Behavior behavior,
                long lockDelayMillis,
                Optional<ConsulSession> consul)
                implements OfSession {
            /** By the native interface. */
            public Create(UUID id, String name, long ttlMillis, Session.Behavior behavior, long lockDelayMillis) {
                this(id, name, ttlMillis, behavior, lockDelayMillis, Optional.empty());
            }

            /** By Consul's, with the lock delay that it gives. */
            public Create(UUID id, String name, long ttlMillis, Session.Behavior behavior, ConsulSession consul) {
                this(id, name, ttlMillis, behavior, consul.lockDelayMillis(), Optional.of(consul));
            }

            @Override
            public int logLevel() {
                return consul.isPresent() ? OfConsul.LEVEL : OfSession.LEVEL;
            }
        }

        /**
         * Ends sessions, in their order, until many keys are changed: those behind that live on. Those that are not there are
         * passed over.
         *
         * @param ids {@value #MOST_ENDED} at most
         * @param term of the leader that has found their time to be over, and has heard of all renewals in its term: if the
         *     entry is of another, nothing ends. 0 if somebody wants them to end, renewed or not
         */
        record End(List<UUID> ids, long term) implements OfSession {}

        /** Stores a value for a session, which has its key from then on. */
        sealed interface Take extends OfSession {
            UUID session();

            JsonText value();

            /** Sessions that want this wait in the line of this name. */
            String line();
        }

        /** Stores a value under a key, new or not, and gives the key to a session. */
        record Put(Key key, JsonText value, UUID session) implements Take {
            @Override
            public String line() {
                return key.text();
            }
        }

        /**
         * Stores a value under one of the keys that a semaphore consists of, and gives it to a session: that which it has
         * already, or else the first that is free, if fewer are held than there may be.
         *
         * @param prefix of the keys, behind which comes the number of the slot
         * @param slots how many there may be, from 1 to {@value #MOST}
         */
        record Slot(Prefix prefix, int slots, JsonText value, UUID session) implements Take {
            /** So many slots may a semaphore have. */
            public static final int MOST = 256;

            /** Of the number, so that the names sort as the numbers do, and stay the same if there are more. */
            public static final int DIGITS = 3;

            /** With semaphores. */
            private static final int LEVEL = 8;

            /** As in {@link Append}. */
            public Slot {
                Append.requireBeginning("a semaphore", "pool/", prefix, DIGITS);
            }

            /** That of a slot, from 1 on. */
            public Key key(int number) {
                return Key.of(prefix.text() + String.format(Locale.ROOT, "%0" + DIGITS + "d", number));
            }

            @Override
            public int logLevel() {
                return LEVEL;
            }

            @Override
            public int rangeKeys() {
                return MOST;
            }

            @Override
            public String line() {
                return lineOf(prefix.text());
            }

            /** No key begins with white space. */
            private static String lineOf(String prefix) {
                return ' ' + prefix;
            }

            /** That for the slot that a key is; empty if it is none. */
            public static Optional<String> lineOf(Key key) {
                String text = key.text();
                int end = text.length() - DIGITS;
                return end > 0 && text.substring(end).chars().allMatch(each -> each >= '0' && each <= '9')
                        ? Optional.of(lineOf(text.substring(0, end)))
                        : Optional.empty();
            }
        }

        /** Stores a value under a key that a session has, which is no session's from then on. */
        record Release(Key key, JsonText value, UUID session) implements OfSession {}

        /** Removes a key that a session has; if there is no such key nothing changes. */
        record Delete(Key key, UUID session) implements OfSession {}
    }

    /**
     * What Consul's interface asks for and the native one has no word for. It has neither a {@link Precondition} nor a name. A
     * write that would store what is there already changes nothing, not even a revision.
     */
    sealed interface OfConsul extends Command {
        /**
         * Of all of them. From the first entry of this level on the store counts who gets keys, {@link Entry#lockIndex}, and keeps
         * when keys were removed.
         */
        int LEVEL = 12;

        @Override
        default int logLevel() {
            return LEVEL;
        }

        @Override
        default <R> R accept(Visitor<R> visitor) {
            return visitor.consul(this);
        }

        /** When a {@link Put} is done, and what becomes of the session that has the key. */
        sealed interface Mode {
            /** Always. It stays as it is. */
            record Plain() implements Mode {}

            /** If the key's last change has this revision; 0 if there is no such key. It stays as it is. */
            record Cas(long revision) implements Mode {}

            /** If this session has the key or can have it. It has it. */
            record Acquire(UUID session) implements Mode {}

            /** If this session has the key. None has it. */
            record Release(UUID session) implements Mode {}
        }

        /** Changes nothing but the level of the log. */
        record Open() implements OfConsul {}

        /** Stores a value and flags under a key, which does not expire then. */
        record Put(Key key, Value value, long flags, Mode mode) implements OfConsul {}

        /**
         * Removes a key, if it is there.
         *
         * @param revision if its last change has this one; empty if it does not matter
         */
        record Delete(Key key, OptionalLong revision) implements OfConsul {}

        /** Operations of which each sees those before it, as one change; or nothing, if one of them cannot be. */
        record Txn(List<ConsulOp> operations) implements OfConsul {
            /** So many operations may there be. */
            public static final int MOST = 128;

            @Override
            public int rangeKeys() {
                int read = operations.stream().anyMatch(ConsulOp.GetTree.class::isInstance)
                        ? ConsulOp.GetTree.MOST_KEYS
                        : 0;
                int removed =
                        operations.stream().anyMatch(ConsulOp.DeleteTree.class::isInstance) ? DeleteRange.MOST_KEYS : 0;
                return read + removed;
            }

            /** Whether it reads values. */
            public boolean reads() {
                return operations.stream()
                        .anyMatch(each -> each instanceof ConsulOp.Get || each instanceof ConsulOp.GetTree);
            }
        }
    }

    /**
     * Tells the cluster where a member answers HTTP. No change of a key, so it has no revision.
     *
     * @param httpAddress absolute URL of the context root, without a trailing slash
     */
    record Announce(String nodeId, String httpAddress) implements Command {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.announce(this);
        }
    }

    /** Changes what all nodes go by. No change of a key, so it has no revision. */
    record Settings(HistoryLimits history) implements Command {
        /** Of settings. */
        public static final int LEVEL = 9;

        /** Of those by which the history keeps what keys were before. */
        public static final int PREVIOUS_LEVEL = 11;

        @Override
        public int logLevel() {
            return history.previous() ? PREVIOUS_LEVEL : LEVEL;
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.settings(this);
        }
    }
}
