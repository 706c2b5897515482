package dev.raftkv.raft;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.util.CodeInjectionForTesting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How entries come from a leader to its followers, by whose threads, and when something goes wrong on the way. */
@Timeout(120)
class PromptAppenderIT {
    /** Where Ratis takes entries. */
    private static final String APPEND = "RaftServerImpl.appendEntries";

    /** Where Ratis begins to append one. */
    private static final String TRANSACTION = "RaftServerImpl.appendTransaction";

    private static final int WRITES = 300;

    @TempDir
    Path directory;

    private RaftCluster cluster;

    @BeforeEach
    void open() throws Exception {
        cluster = new RaftCluster(directory, "node1", "node2", "node3");
    }

    @AfterEach
    void close() {
        CodeInjectionForTesting.remove(APPEND);
        CodeInjectionForTesting.remove(TRANSACTION);
        cluster.close();
    }

    private void write(int count) throws Exception {
        RaftNode leader = cluster.awaitLeader("node1");
        for (int i = 0; i < count; i++) {
            RaftCluster.put(leader, "key" + i, 0);
        }
    }

    private boolean isOf(String node, RaftPeerId id) {
        return RaftPart.server(cluster.node(node)).name().id().equals(id);
    }

    /** How often the leader's own threads for its followers have waited for something. */
    private static long waits() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(thread -> thread != null && thread.getThreadName().matches("node1@.*LogAppenderDaemon"))
                .mapToLong(ThreadInfo::getWaitedCount)
                .sum();
    }

    @Test
    void aWriteThatIsAloneIsAppendedByItsCallerAndSentByNoOther() throws Exception {
        write(WRITES);
        cluster.awaitEqual();
        AtomicInteger byCaller = new AtomicInteger();
        AtomicInteger entries = new AtomicInteger();
        AtomicInteger heartbeats = new AtomicInteger();
        Thread caller = Thread.currentThread();
        CodeInjectionForTesting.put(TRANSACTION, (local, remote, arguments) -> {
            byCaller.addAndGet(Thread.currentThread() == caller ? 1 : 0);
            return true;
        });
        CodeInjectionForTesting.put(APPEND, (local, remote, arguments) -> {
            (isWithEntries(arguments) ? entries : heartbeats).incrementAndGet();
            return true;
        });
        long before = waits();
        write(WRITES);
        long waits = waits() - before;
        // One may come while something of the node's own is under way.
        assertTrue(byCaller.get() > WRITES * 9 / 10, "by their caller: " + byCaller);
        // A heartbeat is one to be woken for, and one for the answer; Ratis' appender has more than two of an entry.
        assertTrue(
                waits < 3L * heartbeats.get() + entries.get() / 2,
                waits + " waits for " + entries + " calls with entries, and " + heartbeats + " without");
    }

    @Test
    void whatAFollowerRefusesIsSentAgain() throws Exception {
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger calls = new AtomicInteger();
        CodeInjectionForTesting.put(APPEND, (local, remote, arguments) -> {
            if (!isOf("node1", (RaftPeerId) local) && isWithEntries(arguments) && calls.incrementAndGet() % 20 == 0) {
                refused.incrementAndGet();
                throw new IllegalStateException("for this test");
            }
            return true;
        });
        write(WRITES);
        cluster.awaitEqual();
        assertTrue(refused.get() > WRITES / 20, "refused " + refused);
    }

    /** One waits at a follower until another comes there, which it does when the leader has given the first up. */
    @Test
    void aCallThatIsNotAnsweredInTimeIsMadeAgain() throws Exception {
        write(1);
        cluster.awaitEqual();
        CompletableFuture<Void> again = new CompletableFuture<>();
        AtomicInteger calls = new AtomicInteger();
        CodeInjectionForTesting.put(APPEND, (local, remote, arguments) -> {
            if (isOf("node3", (RaftPeerId) local) && isWithEntries(arguments)) {
                if (calls.incrementAndGet() == 1) {
                    again.join();
                } else {
                    again.complete(null);
                }
            }
            return true;
        });
        try {
            write(WRITES);
            again.get(RaftCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } finally {
            again.complete(null);
        }
        cluster.awaitEqual();
    }

    private static boolean isWithEntries(Object[] arguments) {
        return ((AppendEntriesRequestProto) arguments[1]).getEntriesCount() > 0;
    }
}
