package dev.raftkv.bench.peer;

import dev.raftkv.bench.load.Dataset;
import dev.raftkv.bench.load.Wire;
import dev.raftkv.testkit.ServerCommand;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** A store that is measured: durable, on three nodes, of which one leads. */
public interface Product {
    /** As people call it. */
    String name();

    String version() throws IOException;

    /** Fetches what it needs. Returns why it cannot be run on this machine, and what to do; empty if it can. */
    Optional<String> prepare();

    /** @param sessions the ids of those that may be renewed */
    Wire wire(Dataset dataset, List<String> sessions);

    /** Whether sessions, or leases, are begun and renewed by requests. */
    default boolean hasSessions() {
        return false;
    }

    /** The index of the last entry of a node's log, of those who have sessions. */
    default long logIndex(Site site, int node) throws IOException {
        throw new UnsupportedOperationException(name() + " has no sessions that are renewed by requests");
    }

    /** The ids of all that there are. */
    default List<String> sessions(Site site, int node) throws IOException {
        throw new UnsupportedOperationException(name() + " has no sessions that are renewed by requests");
    }

    /** What starts a node, with its data if it has any. All three find each other. */
    ServerCommand command(Site site, int node) throws IOException;

    /**
     * Whether the node leads all three.
     *
     * @throws IOException if it cannot be asked
     */
    boolean leads(Site site, int node) throws IOException;
}
