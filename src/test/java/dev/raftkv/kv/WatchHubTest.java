package dev.raftkv.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Change;
import dev.raftkv.model.Code;
import dev.raftkv.model.EventId;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Range;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.StoreSettings;
import dev.raftkv.store.WriteTransaction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WatchHubTest {
    private static final String CLUSTER = "3f2a90c1";
    private static final Interest QUIET = new Interest(Optional.of(Key.of("quiet")), Prefix.ALL);
    private static final int MANY = 100_000;

    @TempDir
    Path directory;

    private KvStore store;
    private WatchHub hub;
    private final AtomicInteger wakes = new AtomicInteger();

    @BeforeEach
    void open() {
        store = new KvStore(directory.resolve("kv"), new StoreSettings(4 << 20));
        store.open();
        hub = new WatchHub(() -> store, Runnable::run, 10);
        hub.opened(0, CLUSTER);
    }

    @AfterEach
    void close() {
        hub.close();
        store.close();
    }

    /** Changes a key so many times, as one entry. */
    private void change(String key, int times) {
        try (WriteTransaction transaction = store.begin(0)) {
            for (int i = 0; i < times; i++) {
                transaction.nextCommand();
                transaction.put(Key.of(key), new JsonText("1".getBytes(StandardCharsets.UTF_8)), 0);
            }
            transaction.commit(1, store.position().index() + 1);
            hub.publish(transaction.changes().orElseThrow(), transaction.revision());
        }
    }

    private void changeOthers() {
        for (int i = 0; i < MANY; i += 1000) {
            change("busy", 1000);
        }
    }

    private Watch watch(EventId from) {
        return hub.watch(QUIET, from, wakes::incrementAndGet);
    }

    private static List<String> ids(List<WatchEvent> events) {
        return events.stream().map(event -> event.id().orElseThrow().toString()).toList();
    }

    @Test
    void anIdleWatchStandsAtTheStoresRevisionHoweverFarThatGoes() {
        Watch watch = watch(null);
        assertEquals(List.of(), watch.poll(1));
        changeOthers();
        assertEquals("100000@3f2a90c1", watch.position().toString());
        assertEquals(List.of(), watch.poll(1));
        assertEquals(0, wakes.get());

        change("quiet", 1);
        assertEquals(1, wakes.get());
        assertEquals(List.of("100001@3f2a90c1"), ids(watch.poll(1)));
        assertEquals(List.of(), watch.poll(1));
    }

    @Test
    void changesOfOtherKindsWakeNobodyAndAreGoneBeyond() {
        Interest deletes = new Interest(Optional.of(Key.of("quiet")), Prefix.ALL, EnumSet.of(Change.Kind.DELETE));
        Watch watch = hub.watch(deletes, null, wakes::incrementAndGet);
        assertEquals(List.of(), watch.poll(1));
        for (int i = 0; i < MANY; i += 1000) {
            change("quiet", 1000);
        }
        assertEquals(0, wakes.get());
        assertEquals("100000@3f2a90c1", watch.position().toString());
        assertEquals(List.of(), watch.poll(1));

        try (WriteTransaction transaction = store.begin(0)) {
            transaction.nextCommand();
            transaction.delete(Key.of("quiet"));
            transaction.commit(1, store.position().index() + 1);
            hub.publish(transaction.changes().orElseThrow(), transaction.revision());
        }
        assertEquals(1, wakes.get());
        assertEquals(List.of("100001@3f2a90c1"), ids(watch.poll(1)));
    }

    @Test
    void aWatchThatWasNotPolledYetIsIdleToo() {
        change("quiet", 1);
        List<Watch> opened = List.of(
                watch(null),
                watch(EventId.after(1)),
                watch(new EventId(EventId.after(1).cursor(), CLUSTER)));
        changeOthers();
        change("quiet", 1);
        for (Watch watch : opened) {
            assertEquals(List.of("100002@3f2a90c1"), ids(watch.poll(1)));
        }
    }

    @Test
    void whoWantsToSeeWhatIsNotKeptIsTold() {
        Watch behind = watch(EventId.after(0));
        change("quiet", 1);
        changeOthers();
        assertEquals(
                Code.GONE,
                assertThrows(KvException.class, () -> watch(EventId.after(0))).code());
        assertEquals(
                Code.GONE, assertThrows(KvException.class, () -> behind.poll(1)).code());
    }

    /** Any write may come between any two polls: they are of one entry each, as readers see them before watches are told. */
    @Test
    void whoTakesTheKeysThatAreThereAndWhatFollowsKnowsEachState() {
        for (long seed = 1; seed <= 30; seed++) {
            Random random = new Random(seed);
            String here = seed + "/";
            Interest interest = new Interest(Optional.empty(), Prefix.of(here));
            for (int i = 0; i < 600; i++) {
                write(random, here);
            }
            Watch watch = hub.watchFromPresent(interest, () -> {});
            KnownKeys model = new KnownKeys();
            for (int polls = 0; !model.hasEnded() || polls % 20 != 0; polls++) {
                watch.poll(1 + random.nextInt(4000)).forEach(model::take);
                for (int writes = random.nextInt(8); writes > 0; writes--) {
                    write(random, here);
                }
                assertTrue(polls < 2000, "it comes to no end, seed " + seed);
            }
            for (List<WatchEvent> rest = watch.poll(1000); !rest.isEmpty(); rest = watch.poll(1000)) {
                rest.forEach(model::take);
            }
            assertEquals(contents(here), model.revisions(), "seed " + seed);
            watch.close();
        }
    }

    private void write(Random random, String here) {
        try (WriteTransaction transaction = store.begin(0)) {
            for (int commands = 1 + random.nextInt(3); commands > 0; commands--) {
                transaction.nextCommand();
                for (int keys = random.nextInt(3); keys >= 0; keys--) {
                    Key key = Key.of((random.nextInt(10) == 0 ? "other/" : here) + random.nextInt(900));
                    if (random.nextInt(3) == 0) {
                        transaction.delete(key);
                    } else {
                        transaction.put(key, new JsonText("1".getBytes(StandardCharsets.UTF_8)), 0);
                    }
                }
            }
            transaction.commit(1, store.position().index() + 1);
            hub.publish(transaction.changes().orElseThrow(), transaction.revision());
        }
    }

    private Map<Key, Long> contents(String prefix) {
        Map<Key, Long> contents = new HashMap<>();
        Range all = new Range(Prefix.of(prefix), Optional.empty(), Optional.empty(), false);
        store.keys(all, 10_000)
                .forEach(found -> contents.put(
                        found.name(), store.get(found.name()).orElseThrow().changeRevision()));
        return contents;
    }

    @Test
    void aStateThatReadersSawBeforeWatchesWereToldIsToldOnce() {
        change("a", 1);
        change("b", 1);
        Watch watch = hub.watchFromPresent(new Interest(Optional.empty(), Prefix.ALL), wakes::incrementAndGet);
        List<Change> untold;
        try (WriteTransaction transaction = store.begin(0)) {
            transaction.nextCommand();
            transaction.put(Key.of("a"), new JsonText("2".getBytes(StandardCharsets.UTF_8)), 0);
            transaction.delete(Key.of("b"));
            transaction.commit(1, store.position().index() + 1);
            untold = transaction.changes().orElseThrow();
        }
        List<WatchEvent> first = watch.poll(1000);
        assertEquals(List.of(new WatchEvent.Present(store.get(Key.of("a")).orElseThrow())), first);
        assertEquals(List.of(), watch.poll(1000));
        assertTrue(watch.tellsOfPresent());
        assertEquals(0, wakes.get());
        hub.publish(untold, 3);
        assertEquals(1, wakes.get());
        assertEquals(List.of(new WatchEvent.Changed(untold.get(1), Optional.empty())), watch.poll(1000));
        assertEquals(
                List.of(new WatchEvent.AllPresent(EventId.parse("3@3f2a90c1").orElseThrow())), watch.poll(1000));
        assertFalse(watch.tellsOfPresent());
        change("a", 1);
        assertEquals(List.of("4@3f2a90c1"), ids(watch.poll(1000)));
    }

    @Test
    void whatHappensWhileTheKeysAreTakenDoesNotLeaveTheHistory() {
        for (int i = 0; i < 300; i++) {
            change("k" + i, 1);
        }
        Watch watch = hub.watchFromPresent(new Interest(Optional.empty(), Prefix.of("k")), wakes::incrementAndGet);
        int told = 0;
        for (boolean ended = false; !ended; told++) {
            List<WatchEvent> events = watch.poll(1);
            assertEquals(1, events.size());
            ended = events.get(0) instanceof WatchEvent.AllPresent;
            change("busy", 100);
        }
        assertEquals(301, told);
        assertTrue(store.oldestRevision() > 10_000);
    }

    @Test
    void anIdOfAnotherClusterIsRefused() {
        change("quiet", 1);
        EventId theirs = EventId.parse("1@00000000").orElseThrow();
        assertEquals(
                Code.GONE, assertThrows(KvException.class, () -> watch(theirs)).code());
        hub.opened(1, "00000000");
        assertEquals(List.of(), watch(theirs).poll(1));
    }
}
