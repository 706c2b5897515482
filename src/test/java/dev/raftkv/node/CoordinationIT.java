package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.kv.Interest;
import dev.raftkv.kv.Watch;
import dev.raftkv.kv.WatchEvent;
import dev.raftkv.model.Batch;
import dev.raftkv.model.Change;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Compare;
import dev.raftkv.model.Counter;
import dev.raftkv.model.Cursor;
import dev.raftkv.model.Entry;
import dev.raftkv.model.EventId;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.ReadLevel;
import dev.raftkv.model.RequestId;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Write;
import dev.raftkv.testkit.RandomWrites;
import dev.raftkv.testkit.StateModel;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people coordinate services with, on three nodes of which some go and come back. */
class CoordinationIT {
    private static final String[] NODES = {"node1", "node2", "node3"};

    /** Of the latest level of the log, as it compares a token. */
    private static final Command COUNTED = new Command.Txn(
            List.of(new Compare.Token(Key.of("k/counted"), Compare.Operator.EQUAL, 0)),
            List.of(new TxnOp.Add(Key.of("k/counted"), new Counter(BigInteger.ONE))),
            List.of());

    @TempDir
    Path directory;

    @Test
    void threeNodesDoWhatTheModelDoes() throws Exception {
        long seed = System.nanoTime();
        try (NodeCluster cluster = new NodeCluster(directory).withSnapshotsEvery(150)) {
            Random random = new Random(seed);
            RandomWrites writes = new RandomWrites(random, false);
            StateModel model = new StateModel();
            formCounting(cluster);
            model.apply(new Batch(0, List.of(Write.of(COUNTED))), 0);
            for (int round = 0; round < 5; round++) {
                Node leader = cluster.node(cluster.leaderOf(NODES));
                for (int i = 0; i < 80; i++) {
                    Write write = writes.next(model.revision());
                    Outcome expected =
                            model.apply(new Batch(0, List.of(write)), 0).get(0);
                    assertOutcome(expected, leader, write);
                }
                String other = NODES[random.nextInt(3)];
                cluster.stop(other);
                cluster.start(other);
            }
            String leader = cluster.leaderOf(NODES);
            List<Change> changes = changes(cluster.node(leader), 0);
            assertEquals(model.changes(), changes);
            cluster.assertStoresEqual();
            assertEquals(
                    model.entries(),
                    cluster.contents("node1").stream()
                            .filter(entry -> entry.key().text().startsWith("k/"))
                            .toList());
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    /** These nodes have no HTTP, by which they would tell what they can read; so that is in the log before the others are. */
    private static void formCounting(NodeCluster cluster) {
        cluster.form(NODES[0]);
        NodeCluster.await(cluster.node(NODES[0]).kv().write(Write.of(COUNTED), Outcome.class));
        for (String other : List.of(NODES).subList(1, NODES.length)) {
            cluster.start(other);
            cluster.join(NODES[0], other);
        }
    }

    private static void assertOutcome(Outcome expected, Node leader, Write write) {
        CompletableFuture<Outcome> end = leader.kv().write(write, Outcome.class);
        if (expected instanceof Outcome.Rejected rejected) {
            KvException refusal = assertThrows(KvException.class, () -> NodeCluster.await(end), () -> "" + write);
            boolean precondition = rejected.reason() == Outcome.Reason.PRECONDITION;
            assertEquals(precondition ? Code.PRECONDITION_FAILED : Code.INVALID, refusal.code());
            assertEquals(
                    precondition ? OptionalLong.of(rejected.changeRevision()) : OptionalLong.empty(),
                    refusal.revision());
        } else {
            assertEquals(expected, NodeCluster.await(end), () -> "" + write);
        }
    }

    private static List<Change> changes(Node node, long after) {
        NodeCluster.current(node);
        List<Change> changes = new ArrayList<>();
        EventId from = new EventId(Cursor.after(after), "");
        try (Watch watch = node.kv().watches().watch(new Interest(Optional.empty(), Prefix.ALL), from, () -> {})) {
            for (List<WatchEvent> events = watch.poll(1 << 20); !events.isEmpty(); events = watch.poll(1 << 20)) {
                events.forEach(event -> changes.add(((WatchEvent.Changed) event).change()));
            }
        }
        return changes;
    }

    @Test
    void anExpiryOutlivesItsLeaderAndIsNeverEarly() {
        try (NodeCluster cluster = new NodeCluster(directory).form(NODES)) {
            String leader = cluster.leaderOf(NODES);
            long ttl = 3000;
            long before = System.nanoTime();
            put(cluster.node(leader), "session", ttl);
            put(cluster.node(leader), "kept", 0);
            cluster.stop(leader);
            String[] others =
                    List.of(NODES).stream().filter(id -> !id.equals(leader)).toArray(String[]::new);
            Node next = cluster.node(cluster.leaderOf(others));
            List<Change> expired = eventually(NodeCluster.PATIENCE, () -> {
                List<Change> seen = changes(next, 2);
                assertEquals(1, seen.size());
                return seen;
            });
            assertTrue(System.nanoTime() - before >= Duration.ofMillis(ttl).toNanos(), "it was early");
            assertEquals(Change.Kind.EXPIRE, expired.get(0).kind());
            assertEquals(Key.of("session"), expired.get(0).key());
            assertEquals(Optional.empty(), next.kv().reader().get(Key.of("session")));
            assertTrue(next.kv().reader().get(Key.of("kept")).isPresent());
            cluster.start(leader);
            cluster.assertStoresEqual();
        }
    }

    private static void put(Node node, String key, long ttlMillis) {
        Command put = new Command.Put(Key.of(key), NodeCluster.json("1"), ttlMillis);
        NodeCluster.await(node.kv().write(Write.of(put), Outcome.Stored.class));
    }

    /** A client that repeats its request under the same name, at whoever leads, until it is answered. */
    @Test
    void aRepeatedRequestIsAppliedOnceThroughFailovers() throws Exception {
        try (NodeCluster cluster =
                new NodeCluster(directory).withSnapshotsEvery(200).form(NODES)) {
            AtomicBoolean stop = new AtomicBoolean();
            ExecutorService clients = Executors.newFixedThreadPool(4);
            List<Future<Integer>> counts = new ArrayList<>();
            for (int client = 0; client < 4; client++) {
                String key = "count" + client;
                counts.add(clients.submit(() -> repeat(cluster, key, stop)));
            }
            for (int round = 0; round < 3; round++) {
                String leader = cluster.leaderOf(NODES);
                cluster.stop(leader);
                cluster.start(leader);
            }
            stop.set(true);
            clients.shutdown();
            List<Integer> requests = new ArrayList<>();
            for (Future<Integer> count : counts) {
                requests.add(count.get(60, TimeUnit.SECONDS));
            }
            cluster.leaderOf(NODES);
            cluster.assertStoresEqual();
            List<Entry> entries = cluster.contents("node1");
            for (int client = 0; client < 4; client++) {
                Key key = Key.of("count" + client);
                Entry entry = entries.stream()
                        .filter(e -> e.key().equals(key))
                        .findFirst()
                        .orElseThrow();
                assertTrue(requests.get(client) > 0);
                assertEquals(requests.get(client).longValue(), entry.version(), "changes of " + key);
            }
        }
    }

    /** Leaders die and come back meanwhile; all four add to one counter, and to one in a transaction, and to a sequence. */
    @Test
    void countersAreExactAndSequencesWholeThroughFailovers() throws Exception {
        try (NodeCluster cluster = new NodeCluster(directory).withSnapshotsEvery(200)) {
            formCounting(cluster);
            AtomicBoolean stop = new AtomicBoolean();
            ExecutorService clients = Executors.newFixedThreadPool(4);
            List<Future<Integer>> counts = new ArrayList<>();
            for (int client = 0; client < 4; client++) {
                String name = "client" + client;
                counts.add(clients.submit(() -> count(cluster, name, stop)));
            }
            for (int round = 0; round < 3; round++) {
                String leader = cluster.leaderOf(NODES);
                cluster.stop(leader);
                cluster.start(leader);
            }
            stop.set(true);
            clients.shutdown();
            int all = 0;
            for (Future<Integer> count : counts) {
                all += count.get(60, TimeUnit.SECONDS);
            }
            assertTrue(all > 0);
            cluster.leaderOf(NODES);
            cluster.assertStoresEqual();
            Map<String, String> contents = cluster.contents("node1").stream()
                    .collect(Collectors.toMap(
                            entry -> entry.key().text(), entry -> entry.value().toString()));
            assertEquals(Integer.toString(3 * all), contents.get("lone"));
            assertEquals(Integer.toString(all), contents.get("together"));
            assertEquals(
                    all,
                    contents.keySet().stream()
                            .filter(key -> key.startsWith("q/"))
                            .count());
        }
    }

    private static int count(NodeCluster cluster, String name, AtomicBoolean stop) {
        Counter one = new Counter(BigInteger.ONE);
        Counter two = new Counter(BigInteger.TWO);
        List<Command> commands = List.of(
                new Command.Add(Key.of("lone"), one),
                new Command.Txn(
                        List.of(),
                        List.of(new TxnOp.Add(Key.of("together"), one), new TxnOp.Add(Key.of("lone"), two)),
                        List.of()),
                new Command.Append(Prefix.of("q/"), NodeCluster.json("1"), 0));
        int rounds = 0;
        while (!stop.get()) {
            for (int i = 0; i < commands.size(); i++) {
                RequestId id = new RequestId(name + "-" + rounds + "-" + i, "same");
                Write write = new Write(commands.get(i), Precondition.NONE, Optional.of(id));
                boolean done = false;
                while (!done) {
                    done = cluster.running().stream().anyMatch(node -> accepts(node, write));
                }
            }
            rounds++;
        }
        return rounds;
    }

    /** How many requests were answered; each may have been sent many times. */
    private static int repeat(NodeCluster cluster, String key, AtomicBoolean stop) {
        int answered = 0;
        while (!stop.get()) {
            Write write = new Write(
                    new Command.Put(Key.of(key), NodeCluster.json(Integer.toString(answered)), 0),
                    Precondition.NONE,
                    Optional.of(new RequestId(key + "-" + answered, "same")));
            boolean done = false;
            while (!done) {
                done = cluster.running().stream().anyMatch(node -> accepts(node, write));
            }
            answered++;
        }
        return answered;
    }

    private static boolean accepts(Node node, Write write) {
        try {
            NodeCluster.await(node.kv().write(write, Outcome.class));
            return true;
        } catch (KvException e) {
            assertFalse(e.code() == Code.INVALID, e.getMessage());
            return false;
        }
    }

    @Test
    void aFollowersReadWaitsForNoHeartbeat() {
        // A heartbeat comes each 10 s, and a read waits for 3 s at most.
        try (NodeCluster cluster = new NodeCluster(directory)
                .withElectionTimeout(Duration.ofSeconds(20))
                .form(NODES)) {
            Node leader = cluster.node("node1");
            Node follower = cluster.node("node2");
            for (int i = 1; i <= 5; i++) {
                NodeCluster.put(leader, "key", "" + i);
                for (int reads = 0; reads < 3; reads++) {
                    long index = NodeCluster.await(leader.kv().barrier());
                    assertEquals(
                            i,
                            NodeCluster.await(follower.kv().readerAt(index, NodeCluster.PATIENCE))
                                    .revision());
                }
            }
        }
    }

    @Test
    void aLeaderWithoutAMajorityServesNothingThatMayBeStale() {
        try (NodeCluster cluster = new NodeCluster(directory).form(NODES)) {
            Node leader = cluster.node("node1");
            NodeCluster.put(leader, "key", "1");
            assertEquals(
                    1, NodeCluster.await(leader.kv().reader(ReadLevel.LEADER)).revision());
            cluster.stop("node2");
            cluster.stop("node3");
            // Its lease has ended when the others could have elected somebody; the barrier needs them.
            for (ReadLevel level : List.of(ReadLevel.LINEARIZABLE, ReadLevel.LEADER)) {
                KvException refusal = assertThrows(
                        KvException.class,
                        () -> NodeCluster.await(leader.kv().reader(level)),
                        () -> level + " was served");
                assertTrue(
                        refusal.code() == Code.UNAVAILABLE || refusal.code() == Code.NOT_LEADER, refusal.getMessage());
            }
            assertEquals(Optional.of("1"), cluster.get("node1", "key"));
        }
    }
}
