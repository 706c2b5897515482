package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.kv.Interest;
import dev.raftkv.kv.Watch;
import dev.raftkv.kv.WatchEvent;
import dev.raftkv.model.Change;
import dev.raftkv.model.Command;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Write;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A range of keys that is more than a node tells its watchers from memory. */
@Timeout(180)
class LongRangeIT {
    private static final int KEYS = 9000;
    private static final int KEYS_AT_ONCE = 120;

    @TempDir
    Path directory;

    @Test
    void itIsRemovedAndEachWatcherHearsOfEachKeyOnceAndOfWhatFollows() {
        try (NodeCluster cluster = new NodeCluster(directory)) {
            cluster.form("node1", "node2");
            for (int from = 0; from < KEYS; from += KEYS_AT_ONCE) {
                List<TxnOp> puts = IntStream.range(from, from + KEYS_AT_ONCE)
                        .<TxnOp>mapToObj(i -> new TxnOp.Put(key(i), NodeCluster.json("1"), 0))
                        .toList();
                write(cluster, new Command.Txn(List.of(), puts, List.of()));
            }
            for (String id : List.of("node1", "node2")) {
                eventually(
                        NodeCluster.PATIENCE,
                        () -> assertTrue(cluster.get(id, key(KEYS - 1).text()).isPresent()));
            }
            Semaphore wakes = new Semaphore(0);
            Watch leaders = watch(cluster, "node1", wakes);
            Watch followers = watch(cluster, "node2", wakes);
            assertEquals(
                    new Outcome.RangeRemoved(KEYS / KEYS_AT_ONCE + 1, KEYS),
                    write(cluster, new Command.DeleteRange(Prefix.of("r/"))));
            cluster.put("node1", "r/after", "1");
            assertHearsAll(leaders);
            assertHearsAll(followers);
            assertTrue(wakes.availablePermits() >= 2);
            cluster.assertStoresEqual();
        }
    }

    private static Key key(int number) {
        return Key.of("r/" + number + "/" + "x".repeat(1000));
    }

    private static Outcome write(NodeCluster cluster, Command command) {
        return NodeCluster.await(cluster.node("node1").kv().write(Write.of(command), Outcome.class));
    }

    private static Watch watch(NodeCluster cluster, String id, Semaphore wakes) {
        Watch watch = cluster.node(id)
                .kv()
                .watches()
                .watch(new Interest(Optional.empty(), Prefix.of("r/")), null, wakes::release);
        assertEquals(List.of(), watch.poll(1 << 16));
        return watch;
    }

    private static Change change(WatchEvent event) {
        return ((WatchEvent.Changed) event).change();
    }

    private static void assertHearsAll(Watch watch) {
        List<WatchEvent> heard = new ArrayList<>();
        eventually(NodeCluster.PATIENCE, () -> {
            List<WatchEvent> events = watch.poll(1 << 16);
            int bytes = events.stream().mapToInt(WatchEvent::size).sum();
            assertTrue(bytes < 1 << 17, "bytes at once: " + bytes);
            heard.addAll(events);
            assertFalse(heard.size() < KEYS + 1, "heard of " + heard.size());
        });
        assertEquals(KEYS + 1, heard.size());
        Set<Key> removed = heard.stream()
                .map(LongRangeIT::change)
                .filter(change -> change.kind() == Change.Kind.DELETE)
                .map(Change::key)
                .collect(Collectors.toSet());
        assertEquals(KEYS, removed.size());
        assertEquals(Key.of("r/after"), change(heard.get(KEYS)).key());
    }
}
