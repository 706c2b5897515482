package dev.raftkv.model;

import java.util.function.Function;

/** A change of replicated state, as one client asked for it. */
public sealed interface Command {
    /** The result of the function for this kind of command. A new kind is a compile error at every use until handled. */
    <R> R match(Function<Put, R> put, Function<Delete, R> delete, Function<Announce, R> announce);

    /** Stores a value under a key, new or not. */
    record Put(Key key, JsonText value) implements Command {
        @Override
        public <R> R match(Function<Put, R> put, Function<Delete, R> delete, Function<Announce, R> announce) {
            return put.apply(this);
        }
    }

    /** Removes a key; removing one that does not exist changes nothing. */
    record Delete(Key key) implements Command {
        @Override
        public <R> R match(Function<Put, R> put, Function<Delete, R> delete, Function<Announce, R> announce) {
            return delete.apply(this);
        }
    }

    /**
     * Tells the cluster where a member answers HTTP. No change of a key, so it has no revision.
     *
     * @param httpAddress absolute URL of the context root, without a trailing slash
     */
    record Announce(String nodeId, String httpAddress) implements Command {
        @Override
        public <R> R match(Function<Put, R> put, Function<Delete, R> delete, Function<Announce, R> announce) {
            return announce.apply(this);
        }
    }
}
