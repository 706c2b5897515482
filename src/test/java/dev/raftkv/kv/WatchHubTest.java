package dev.raftkv.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.raftkv.kv.WatchHub.Event;
import dev.raftkv.model.Change;
import dev.raftkv.model.Code;
import dev.raftkv.model.EventId;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Prefix;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.StoreSettings;
import dev.raftkv.store.WriteTransaction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
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

    private static List<String> ids(List<Event> events) {
        return events.stream().map(event -> event.id().toString()).toList();
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
