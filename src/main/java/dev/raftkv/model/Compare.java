package dev.raftkv.model;

import java.util.Optional;
import java.util.UUID;

/** A condition of a {@link Command.Txn}. */
public sealed interface Compare {
    /** A condition on one key. */
    sealed interface OfKey extends Compare {
        Key key();

        /** @param entry the key's entry, empty if there is none */
        boolean holds(Optional<Entry> entry);
    }

    /** A condition on the keys that start with a prefix. */
    sealed interface OfRange extends Compare {
        /** So many may all compares of a transaction look at together: everything else waits meanwhile. */
        int MOST_KEYS = 10_000;

        Prefix prefix();
    }

    /** How two numbers are compared; the first is the store's. */
    enum Operator {
        EQUAL("=") {
            @Override
            boolean holds(int order) {
                return order == 0;
            }
        },
        NOT_EQUAL("!=") {
            @Override
            boolean holds(int order) {
                return order != 0;
            }
        },
        LESS("<") {
            @Override
            boolean holds(int order) {
                return order < 0;
            }
        },
        GREATER(">") {
            @Override
            boolean holds(int order) {
                return order > 0;
            }
        },
        AT_MOST("<=") {
            @Override
            boolean holds(int order) {
                return order <= 0;
            }
        },
        AT_LEAST(">=") {
            @Override
            boolean holds(int order) {
                return order >= 0;
            }
        };

        private final String sign;

        Operator(String sign) {
            this.sign = sign;
        }

        abstract boolean holds(int order);

        /** As clients write it. */
        public String sign() {
            return sign;
        }

        /** Whether it is one that has come with ranges. */
        boolean cameWithRanges() {
            return this == AT_MOST || this == AT_LEAST;
        }
    }

    /** Whether the key exists. */
    record Existence(Key key, boolean exists) implements OfKey {
        @Override
        public boolean holds(Optional<Entry> entry) {
            return entry.isPresent() == exists;
        }
    }

    /**
     * The key's value, compared as text: {@code 1.0} is not {@code 1}. A key that does not exist has no value, and bytes that are no
     * JSON text equal none.
     */
    record Value(Key key, JsonText value, boolean equal) implements OfKey {
        @Override
        public boolean holds(Optional<Entry> entry) {
            return entry.flatMap(found -> found.value().json()).equals(Optional.of(value)) == equal;
        }
    }

    /** The revision of the key's last change, 0 if it does not exist. */
    record Revision(Key key, Operator operator, long revision) implements OfKey {
        @Override
        public boolean holds(Optional<Entry> entry) {
            return operator.holds(Long.compare(entry.map(Entry::changeRevision).orElse(0L), revision));
        }
    }

    /** The number of the key's changes since its creation, 0 if it does not exist. */
    record Version(Key key, Operator operator, long version) implements OfKey {
        @Override
        public boolean holds(Optional<Entry> entry) {
            return operator.holds(Long.compare(entry.map(Entry::version).orElse(0L), version));
        }
    }

    /**
     * Which session has the key.
     *
     * @param session empty for none, also where the key does not exist
     */
    record Holder(Key key, Optional<UUID> session, boolean equal) implements OfKey {
        @Override
        public boolean holds(Optional<Entry> entry) {
            return entry.flatMap(Entry::hold).map(Hold::session).equals(session) == equal;
        }
    }

    /** The token of the session that has the key, 0 if none has. */
    record Token(Key key, Operator operator, long token) implements OfKey {
        @Override
        public boolean holds(Optional<Entry> entry) {
            return operator.holds(
                    Long.compare(entry.flatMap(Entry::hold).map(Hold::token).orElse(0L), token));
        }
    }

    /**
     * How many keys there are.
     *
     * @param count looks at one key more at most
     */
    record Count(Prefix prefix, Operator operator, long count) implements OfRange {
        /** @param keys how many there are; of those behind one more than are asked for none needs to be counted */
        public boolean holds(long keys) {
            return operator.holds(Long.compare(keys, count));
        }
    }

    /** The revisions of the last changes, each of them: it holds where there is no key, and knows nothing of removed ones. */
    record Revisions(Prefix prefix, Operator operator, long revision) implements OfRange {
        /** @param changeRevision of one of the keys */
        public boolean holds(long changeRevision) {
            return operator.holds(Long.compare(changeRevision, revision));
        }
    }

    /** Whether who reads it in the log must understand sessions in transactions. */
    default boolean needsSessions() {
        return this instanceof Holder || this instanceof Token;
    }

    /** Whether who reads it in the log must understand ranges. */
    default boolean needsRanges() {
        return this instanceof OfRange
                || this instanceof Revision revision && revision.operator().cameWithRanges()
                || this instanceof Version version && version.operator().cameWithRanges();
    }
}
