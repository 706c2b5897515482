package dev.raftkv.model;

import java.util.Optional;

/** A condition of a {@link Command.Txn} on one key. */
public sealed interface Compare {
    Key key();

    /** @param entry the key's entry, empty if there is none */
    boolean holds(Optional<Entry> entry);

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
    }

    /** Whether the key exists. */
    record Existence(Key key, boolean exists) implements Compare {
        @Override
        public boolean holds(Optional<Entry> entry) {
            return entry.isPresent() == exists;
        }
    }

    /** The key's value, compared as text: {@code 1.0} is not {@code 1}. A key that does not exist has no value. */
    record Value(Key key, JsonText value, boolean equal) implements Compare {
        @Override
        public boolean holds(Optional<Entry> entry) {
            return entry.map(Entry::value).equals(Optional.of(value)) == equal;
        }
    }

    /** The revision of the key's last change, 0 if it does not exist. */
    record Revision(Key key, Operator operator, long revision) implements Compare {
        @Override
        public boolean holds(Optional<Entry> entry) {
            return operator.holds(Long.compare(entry.map(Entry::changeRevision).orElse(0L), revision));
        }
    }

    /** The number of the key's changes since its creation, 0 if it does not exist. */
    record Version(Key key, Operator operator, long version) implements Compare {
        @Override
        public boolean holds(Optional<Entry> entry) {
            return operator.holds(Long.compare(entry.map(Entry::version).orElse(0L), version));
        }
    }
}
