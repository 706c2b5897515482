package dev.raftkv.model;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * One operation of a {@link Command.OfConsul.Txn}. Revisions are those of the store: whoever counts from 1 takes one off before,
 * and a negative one is that of no key.
 */
public sealed interface ConsulOp {
    /** Whether it looks at keys alone. */
    default boolean isRead() {
        return true;
    }

    /** As {@link Command.OfConsul.Put}. */
    record Put(Key key, Value value, long flags, Command.OfConsul.Mode mode) implements ConsulOp {
        @Override
        public boolean isRead() {
            return false;
        }
    }

    /** @param orEmpty whether it is no error if there is no such key */
    record Get(Key key, boolean orEmpty) implements ConsulOp {}

    /** Reads all keys that start with a prefix, in their order. */
    record GetTree(Prefix prefix) implements ConsulOp {
        /** What all that a transaction reads may be has a limit in bytes, of which each key takes 256. */
        public static final int MOST_KEYS = 1 << 15;
    }

    /** An error unless the key's last change has this revision. */
    record CheckIndex(Key key, long revision) implements ConsulOp {}

    /**
     * An error unless this session has the key.
     *
     * @param session empty for none; one that never was if what was asked for cannot be the name of one
     */
    record CheckSession(Key key, Optional<UUID> session) implements ConsulOp {}

    /** An error if the key is there. */
    record CheckNotExists(Key key) implements ConsulOp {}

    /** As {@link Command.OfConsul.Delete}; an error where that is not done. */
    record Delete(Key key, OptionalLong revision) implements ConsulOp {
        @Override
        public boolean isRead() {
            return false;
        }
    }

    /** Removes all keys that start with a prefix; as many as a {@link Command.DeleteRange} at most. */
    record DeleteTree(Prefix prefix) implements ConsulOp {
        @Override
        public boolean isRead() {
            return false;
        }
    }
}
