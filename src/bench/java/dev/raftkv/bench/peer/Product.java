package dev.raftkv.bench.peer;

import dev.raftkv.bench.load.Dataset;
import dev.raftkv.bench.load.Wire;
import dev.raftkv.testkit.ServerCommand;
import java.io.IOException;
import java.util.Optional;

/** A store that is measured: durable, on three nodes, of which one leads. */
public interface Product {
    /** As people call it. */
    String name();

    String version() throws IOException;

    /** Fetches what it needs. Returns why it cannot be run on this machine, and what to do; empty if it can. */
    Optional<String> prepare();

    Wire wire(Dataset dataset);

    /** What starts a node, with its data if it has any. All three find each other. */
    ServerCommand command(Site site, int node) throws IOException;

    /**
     * Whether the node leads all three.
     *
     * @throws IOException if it cannot be asked
     */
    boolean leads(Site site, int node) throws IOException;
}
