package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.client.RaftkvClient;
import dev.raftkv.client.RaftkvClient.Entry;
import dev.raftkv.client.RaftkvException;
import dev.raftkv.client.RaftkvLock;
import dev.raftkv.client.RaftkvSession;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.ServerCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The locks of the client for programs, and real nodes. */
@Timeout(300)
final class ClientLocksIT {
    private static final int HOLDERS = 4;
    private static final int HOLDS = 15;
    private static final Duration TTL = Duration.ofSeconds(10);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String VALUE = "\"a test\"";

    private final Queue<Long> tokens = new ConcurrentLinkedQueue<>();
    private final Http http = Http.following(Duration.ofSeconds(10));

    @Test
    void aLockIsHeldByOneThroughTheDeathOfALeader() throws Exception {
        ExecutableWar war = new ExecutableWar(Build.war(), Build.deploy());
        try (ServerCluster cluster = ServerCluster.start(war::node, "client-locks")) {
            cluster.joinAll();
            whoHasItKeepsOthersOut(cluster);
            slotsAreForSoMany(cluster);
            aSessionThatHasEndedHoldsNothing(cluster);
            nobodyLosesACount(cluster);
        }
    }

    private static void whoHasItKeepsOthersOut(ServerCluster cluster) throws Exception {
        try (RaftkvSession one = cluster.client(0).session(TTL);
                RaftkvSession two = cluster.client(1).session(TTL)) {
            RaftkvLock first = one.lock("odd/ä &?", VALUE);
            RaftkvLock second = two.lock("odd/ä &?", VALUE);
            assertThrows(IllegalStateException.class, first::unlock);
            assertThrows(IllegalStateException.class, first::token);
            assertTrue(first.tryLock());
            assertTrue(first.isHeld());
            assertEquals(first, one.lock("odd/ä &?", VALUE));
            assertFalse(first.tryLock(), "another thread of its program got it, too");
            assertFalse(second.tryLock());
            assertFalse(second.tryLock(Duration.ofMillis(1500)));
            assertFalse(second.isHeld());
            long token = first.token();
            first.unlock();
            assertFalse(first.isHeld());
            second.lock();
            assertTrue(second.token() > token, "a token that does not grow");
            second.unlock();
        }
    }

    private static void slotsAreForSoMany(ServerCluster cluster) throws Exception {
        try (RaftkvSession one = cluster.client(0).session(TTL);
                RaftkvSession two = cluster.client(1).session(TTL);
                RaftkvSession three = cluster.client(2).session(TTL)) {
            RaftkvLock first = one.slot("pool/", 2, VALUE);
            assertTrue(first.tryLock());
            assertTrue(two.slot("pool/", 2, VALUE).tryLock());
            RaftkvLock third = three.slot("pool/", 2, VALUE);
            assertFalse(third.tryLock());
            first.unlock();
            assertTrue(third.tryLock(LIMIT));
        }
        // Closing a session has let go what it had.
        assertEquals(List.of(), cluster.client(0).list("pool/").entries());
    }

    private void aSessionThatHasEndedHoldsNothing(ServerCluster cluster) throws Exception {
        try (RaftkvSession session = cluster.client(0).session(TTL)) {
            RaftkvLock lock = session.lock("lost", VALUE);
            lock.lock();
            assertEquals(
                    200, http.delete(cluster.url(1, "/session/" + session.id())).status());
            eventually(LIMIT, () -> assertFalse(lock.isHeld()));
            assertFalse(session.isAlive());
            lock.unlock();
            RaftkvException refusal = assertThrows(RaftkvException.class, lock::tryLock);
            assertTrue(refusal.getMessage().contains("session has ended"), refusal::getMessage);
        }
    }

    private void nobodyLosesACount(ServerCluster cluster) throws Exception {
        cluster.client(0).put("counter", "0");
        ExecutorService threads = Executors.newFixedThreadPool(HOLDERS);
        try {
            List<Future<?>> counting = new ArrayList<>();
            for (int number = 0; number < HOLDERS; number++) {
                RaftkvClient client = cluster.client(number % ServerCluster.SIZE);
                counting.add(threads.submit(() -> count(client)));
            }
            eventually(LIMIT, () -> assertTrue(tokens.size() > HOLDERS * HOLDS / 3, "held " + tokens.size()));
            int before = tokens.size();
            cluster.kill(cluster.awaitLeader());
            assertTrue(before < HOLDERS * HOLDS, "all was done before the leader was killed");
            for (Future<?> each : counting) {
                each.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        int node = cluster.running().get(0);
        assertEquals(
                Integer.toString(HOLDERS * HOLDS),
                cluster.client(node).get("counter").map(Entry::value).orElse(""));
        assertEquals(HOLDERS * HOLDS, new HashSet<>(tokens).size(), "tokens of different holds");
        assertEquals(tokens.stream().sorted().toList(), List.copyOf(tokens), "tokens in the order of the holds");
    }

    /** What it counts is guarded by the lock alone. */
    private Void count(RaftkvClient client) throws Exception {
        try (RaftkvSession session = client.session(TTL)) {
            RaftkvLock lock = session.lock("lock/counter", VALUE);
            for (int i = 0; i < HOLDS; i++) {
                lock.lock();
                try {
                    tokens.add(lock.token());
                    int read =
                            Integer.parseInt(client.get("counter").orElseThrow().value());
                    client.put("counter", Integer.toString(read + 1));
                } finally {
                    lock.unlock();
                }
            }
        }
        return null;
    }
}
