package dev.raftkv.raft;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.testkit.Alone;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Alone
class StopIT {
    /** Ratis' timer and the JDK's pool are the process's, not a node's; see {@link dev.raftkv.raft.ratis.RatisThreads}. */
    private static final List<String> OF_THE_PROCESS = List.of("timer", "Timer", "ForkJoinPool.commonPool");

    @Test
    @Timeout(180)
    void stoppedNodesHaveNoThreadLeft(@TempDir Path directory) throws Exception {
        Set<Thread> before = Set.copyOf(Thread.getAllStackTraces().keySet());
        try (RaftCluster cluster = new RaftCluster(directory, "node1", "node2", "node3")) {
            RaftCluster.put(cluster.awaitLeader("node1"), "key", 0);
            cluster.handOver("node1", "node2");
            cluster.awaitEqual();
        }
        eventually(RaftCluster.PATIENCE, () -> assertEquals(List.of(), left(before)));
    }

    private static List<String> left(Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread))
                .map(Thread::getName)
                .filter(name -> OF_THE_PROCESS.stream().noneMatch(name::startsWith))
                .sorted()
                .toList();
    }
}
