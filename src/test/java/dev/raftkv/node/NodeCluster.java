package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.kv.Reader;
import dev.raftkv.model.Address;
import dev.raftkv.model.Command;
import dev.raftkv.model.Entry;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Range;
import dev.raftkv.model.ReadLevel;
import dev.raftkv.model.Role;
import dev.raftkv.model.Value;
import dev.raftkv.model.Write;
import dev.raftkv.raft.members.Membership.Asked;
import dev.raftkv.raft.members.Membership.Joined;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.StoreSettings;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.TestConfigs;
import dev.raftkv.testkit.Together;
import dev.raftkv.tls.TestCertificates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Stream;

/** Real nodes in this JVM, each with its own directory and Raft port, without HTTP. */
final class NodeCluster implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Path directory;
    private final Map<String, NodeConfig> configs = new ConcurrentSkipListMap<>();
    private final Map<String, Node> running = new ConcurrentSkipListMap<>();
    private NodeConfig.Storage storage = new NodeConfig.Storage(8 << 20, 1 << 20, 100_000, 64 << 20);

    private Duration electionTimeout = Duration.ofMillis(500);
    private Duration joinTimeout = Duration.ofSeconds(30);
    private Set<String> nativeTls = Set.of();
    private Function<String, NodeConfig.Security> security = id -> NodeConfig.Security.NONE;

    NodeCluster(Path directory) {
        this.directory = directory;
    }

    /** Nodes made from now on take a snapshot after so many entries. */
    NodeCluster withSnapshotsEvery(long entries) {
        storage = new NodeConfig.Storage(8 << 20, 1 << 20, entries, 64 << 20);
        return this;
    }

    /** Nodes made from now on want so many bytes of their disk free. */
    NodeCluster withMinFreeBytes(long bytes) {
        storage = new NodeConfig.Storage(8 << 20, bytes, storage.snapshotEntries(), storage.snapshotLogBytes());
        return this;
    }

    /** Nodes made from now on speak TLS. */
    NodeCluster withTls(TestCertificates certificates) {
        security = id -> TestConfigs.tls(certificates.node(id));
        return this;
    }

    /** The TLS of these nodes is not that of the JDK. */
    NodeCluster withNativeTls(String... ids) {
        nativeTls = Set.of(ids);
        return this;
    }

    /** Nodes made from now on give up a join after this time. */
    NodeCluster withJoinTimeout(Duration timeout) {
        joinTimeout = timeout;
        return this;
    }

    /** Nodes made from now on have this election timeout. */
    NodeCluster withElectionTimeout(Duration timeout) {
        electionTimeout = timeout;
        return this;
    }

    /** Starts a node: a new one, or one that was stopped, on its data. */
    Node start(String id) {
        return start(configs.computeIfAbsent(id, this::config));
    }

    Node start(NodeConfig config) {
        Node node = new Node(config, nativeTls.contains(config.nodeId()));
        node.start();
        configs.put(config.nodeId(), config);
        running.put(config.nodeId(), node);
        return node;
    }

    NodeConfig config(String id) {
        NodeConfig plain = TestConfigs.node(directory, id, freePort());
        NodeConfig timed = TestConfigs.with(plain, TestConfigs.timeouts(electionTimeout, joinTimeout));
        return TestConfigs.with(TestConfigs.with(timed, storage), security.apply(id));
    }

    /** Starts a node that was stopped as the survivor of its cluster. */
    Node recover(String id, String word) {
        NodeConfig config = configs.computeIfAbsent(id, this::config);
        Node node = new Node(
                new NodeConfig(
                        config.nodeId(),
                        config.raftAddress(),
                        config.raftBindHost(),
                        config.httpAddress(),
                        config.dataDirectory(),
                        config.followerWrites(),
                        config.readLevel(),
                        config.joinAddresses(),
                        config.timeouts(),
                        config.limits(),
                        config.storage(),
                        config.security(),
                        Optional.of(word),
                        config.consul()),
                nativeTls.contains(id));
        node.start();
        running.put(id, node);
        return node;
    }

    static int freePort() {
        try {
            return FreePorts.take(1).get(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts the nodes and joins them to the first. */
    NodeCluster form(String... ids) {
        for (String id : ids) {
            configs.computeIfAbsent(id, this::config);
        }
        Together.each(List.of(ids), this::start);
        for (int i = 1; i < ids.length; i++) {
            join(ids[0], ids[i]);
        }
        return this;
    }

    Joined join(String leader, String id) {
        return join(leader, id, configs.get(id).raftAddress(), false);
    }

    Joined join(String leader, String id, Address address, boolean discardData) {
        return await(node(leader).membership().join(new Asked(id, address, false, discardData, false)));
    }

    Joined join(String leader, Asked asked) {
        return await(node(leader).membership().join(asked));
    }

    /** Joins a running node as a learner, and waits until it knows that it is one. */
    void joinLearner(String leader, String id) {
        join(leader, Asked.learner(id, address(id)));
        awaitLearner(id);
    }

    void awaitLearner(String id) {
        eventually(PATIENCE, () -> assertEquals(Role.LEARNER, status(id).role()));
    }

    void awaitValue(String id, String key, String json) {
        eventually(PATIENCE, () -> assertEquals(Optional.of(json), get(id, key), key + " at " + id));
    }

    void stop(String id) {
        Node node = running.remove(id);
        if (node != null) {
            node.close();
        }
    }

    Node node(String id) {
        return running.get(id);
    }

    /** The nodes that run just now; for threads that write while others stop and start nodes. */
    List<Node> running() {
        return List.copyOf(running.values());
    }

    /** Where the node says that clients reach it; nobody does. */
    String httpAddress(String id) {
        return configs.get(id).httpAddress();
    }

    Address address(String id) {
        return configs.get(id).raftAddress();
    }

    Path directoryOf(String id) {
        return configs.get(id).dataDirectory();
    }

    /** The id of the node that leads the given ones and is known to them as their leader. */
    String leaderOf(String... ids) {
        return eventually(PATIENCE, () -> {
            List<String> leaders = Stream.of(ids)
                    .filter(id -> status(id).role() == Role.LEADER)
                    .toList();
            assertEquals(1, leaders.size(), "one leader of " + List.of(ids));
            for (String id : ids) {
                assertEquals(Optional.of(leaders.get(0)), status(id).leaderId(), "as " + id + " sees it");
            }
            return leaders.get(0);
        });
    }

    Outcome put(String node, String key, String json) {
        return put(node(node), key, json);
    }

    static Outcome put(Node node, String key, String json) {
        return await(begin(node, key, json));
    }

    static CompletableFuture<Outcome.Stored> begin(Node node, String key, String json) {
        return node.kv().write(Write.of(new Command.Put(Key.of(key), json(json))), Outcome.Stored.class);
    }

    Optional<String> get(String node, String key) {
        return node(node).kv().reader().get(Key.of(key)).map(Entry::value).map(Value::toString);
    }

    static JsonText json(String text) {
        return new JsonText(text.getBytes(StandardCharsets.UTF_8));
    }

    static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE.toSeconds() * 2, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException("no answer: " + e, e);
        }
    }

    /** A reader of all that was acknowledged. A node whose leader cannot be asked by it says so, and is asked again. */
    static Reader current(Node node) {
        return eventually(PATIENCE, () -> await(node.kv().reader(ReadLevel.LINEARIZABLE)));
    }

    NodeStatus status(String id) {
        return node(id).kv().status();
    }

    /** Waits until the running nodes have applied the same, stops them, and asserts that their stores hold the same. */
    void assertStoresEqual() {
        List<String> ids = List.copyOf(running.keySet());
        eventually(PATIENCE, () -> {
            long[] applied = ids.stream()
                    .mapToLong(id -> status(id).appliedIndex())
                    .distinct()
                    .toArray();
            assertEquals(1, applied.length, () -> "applied indexes " + Arrays.toString(applied));
        });
        close();
        Map<String, List<Entry>> contents = new TreeMap<>();
        ids.forEach(id -> contents.put(id, contents(id)));
        assertEquals(1, Set.copyOf(contents.values()).size(), () -> "stores differ: " + contents);
    }

    /** All entries in the store of a stopped node. */
    List<Entry> contents(String id) {
        try (Stream<Path> groups = Files.list(directoryOf(id).resolve("raft"))) {
            List<Path> stores = groups.map(group -> group.resolve("kv"))
                    .filter(Files::exists)
                    .toList();
            assertEquals(1, stores.size(), id + " holds one group");
            List<Entry> entries = new ArrayList<>();
            try (KvStore store = new KvStore(stores.get(0), new StoreSettings(8 << 20))) {
                store.open();
                store.keys(Range.ALL, Integer.MAX_VALUE)
                        .forEach(listed -> entries.add(store.get(listed.name()).orElseThrow()));
            }
            return entries;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        // While all are there each finds at once who takes its leadership; a leader whose followers go waits for them.
        running.values().forEach(Node::retire);
        Together.each(List.copyOf(running.keySet()), this::stop);
    }
}
