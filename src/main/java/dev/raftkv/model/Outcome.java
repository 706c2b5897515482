package dev.raftkv.model;

import java.util.function.Function;

/** What applying a {@link Command} did. The same on every node. */
public sealed interface Outcome {
    /** The store's revision after the command. */
    long revision();

    /** The result of the function for this kind of outcome. A new kind is a compile error at every use until handled. */
    <R> R match(Function<Stored, R> stored, Function<Removed, R> removed, Function<Announced, R> announced);

    /** The value is stored; revision is that of this change. */
    record Stored(long revision) implements Outcome {
        @Override
        public <R> R match(Function<Stored, R> stored, Function<Removed, R> removed, Function<Announced, R> announced) {
            return stored.apply(this);
        }
    }

    /** The key is not there any more; revision is that of this change if it existed, else the store's. */
    record Removed(long revision, boolean existed) implements Outcome {
        @Override
        public <R> R match(Function<Stored, R> stored, Function<Removed, R> removed, Function<Announced, R> announced) {
            return removed.apply(this);
        }
    }

    /** The member's address is known. */
    record Announced(long revision) implements Outcome {
        @Override
        public <R> R match(Function<Stored, R> stored, Function<Removed, R> removed, Function<Announced, R> announced) {
            return announced.apply(this);
        }
    }
}
