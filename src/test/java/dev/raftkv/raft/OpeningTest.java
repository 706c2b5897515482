package dev.raftkv.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.model.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node can be asked how it is at any moment, also while its group is opened. */
class OpeningTest {
    private static final int STARTS = 3;

    @TempDir
    Path directory;

    @Test
    void theStatusCanBeReadWhileTheGroupIsOpened() throws Exception {
        try (RaftNodes nodes = RaftNodes.form(directory, 1, Duration.ofMillis(300))) {
            for (int start = 0; start < STARTS; start++) {
                nodes.stop(0);
                CompletableFuture<Void> started = CompletableFuture.runAsync(() -> start(nodes));
                while (!started.isDone()) {
                    Optional.ofNullable(nodes.node(0))
                            .ifPresent(node -> node.status().read());
                }
                started.get(1, TimeUnit.SECONDS);
                nodes.awaitLeader();
                assertEquals(Role.LEADER, nodes.node(0).status().read().role());
            }
        }
    }

    private static void start(RaftNodes nodes) {
        try {
            nodes.start(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
