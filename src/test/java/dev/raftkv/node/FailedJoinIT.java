package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.KvException;
import dev.raftkv.raft.wire.Impostor;
import dev.raftkv.raft.wire.Impostor.Way;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ratis sees that a new member does not catch up when nothing else happens at the leader; while others write, something does. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class FailedJoinIT {
    private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(5);

    @TempDir
    Path directory;

    @Test
    void aNodeThatDoesNotCatchUpHoldsUpNoLaterChangeWhileOthersWrite() throws Exception {
        try (NodeCluster cluster = new NodeCluster(directory).withJoinTimeout(JOIN_TIMEOUT)) {
            cluster.form("node1", "node2");
            AtomicBoolean over = new AtomicBoolean();
            AtomicInteger written = new AtomicInteger();
            CompletableFuture<Void> writes = CompletableFuture.runAsync(() -> {
                while (!over.get()) {
                    cluster.put("node1", "key", "" + written.incrementAndGet());
                }
            });
            try {
                try (Impostor impostor = new Impostor(Way.APPEND).start()) {
                    assertThrows(KvException.class, () -> cluster.join("node1", "node9", impostor.address(), false));
                }
                cluster.start("node3");
                eventually(NodeCluster.PATIENCE, () -> cluster.join("node1", "node3"));
                assertEquals(3, cluster.status("node1").members().size());
            } finally {
                over.set(true);
            }
            writes.get(1, TimeUnit.MINUTES);
            assertTrue(written.get() > 100, () -> written + " writes are not enough to be in the way");
            cluster.assertStoresEqual();
        }
    }
}
