package dev.raftkv.raft;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.util.CodeInjectionForTesting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A member is removed because its disk stands still, and joins again when that is mended. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SlowDiskRejoinIT {
    /** Where Ratis' log writer of a node begins, before its first task. */
    private static final String LOG_WRITER = "SegmentedRaftLogWorker.runWorker";

    private static final int SLOW = 2;
    private static final int MISSED = 5;

    @TempDir
    Path directory;

    private final CompletableFuture<Void> disk = new CompletableFuture<>();

    @AfterEach
    void mendTheDisk() {
        disk.complete(null);
        CodeInjectionForTesting.remove(LOG_WRITER);
    }

    /** The entries that it was sent never come to its disk, and the calls that brought them never end. */
    @Test
    void whatWasUnderWayWhenItWasRemovedHoldsUpNothing() throws Exception {
        try (RaftNodes nodes = RaftNodes.form(directory, 3, Duration.ofMillis(500))) {
            RaftPeerId slow = RaftPart.server(nodes.node(SLOW)).name().id();
            nodes.stop(SLOW);
            for (int i = 0; i < MISSED; i++) {
                put(nodes, "missed" + i);
            }
            CodeInjectionForTesting.put(LOG_WRITER, (local, remote, arguments) -> {
                if (slow.equals(local)) {
                    disk.join();
                }
                return true;
            });
            nodes.start(SLOW);
            RaftLog log = nodes.division(SLOW).getRaftLog();
            eventually(
                    RaftNodes.PATIENCE,
                    () -> assertTrue(log.getLastEntryTermIndex().getIndex() > log.getFlushIndex(), log::toString));

            nodes.node(0).membership().remove("node" + SLOW).get(RaftNodes.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            disk.complete(null);
            nodes.join(SLOW).get(RaftNodes.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            put(nodes, "after");
            long last = nodes.node(0).replicator().store().revision();
            eventually(
                    RaftNodes.PATIENCE,
                    () -> assertEquals(
                            last, nodes.node(SLOW).replicator().store().revision()));
        }
    }

    private static void put(RaftNodes nodes, String key) throws Exception {
        nodes.put(nodes.awaitLeader(), key, "v").get(RaftNodes.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
}
