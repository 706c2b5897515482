package dev.raftkv.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.model.Command;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Role;
import dev.raftkv.model.Write;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.StoreSettings;
import dev.raftkv.store.WriteTransaction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExpiryTest {
    private static final long TTL = 10_000;

    @TempDir
    Path directory;

    private final AtomicLong nanos = new AtomicLong();
    private final ClusterClock clock = new ClusterClock(nanos::get, () -> 1_000_000);
    private final List<String> proposed = new ArrayList<>();
    private CompletableFuture<Outcome> end = CompletableFuture.completedFuture(new Outcome.RangeRemoved(1, 1));
    private Role role = Role.LEADER;
    private KvStore store;
    private Expiry expiry;

    @BeforeEach
    void open() {
        store = new KvStore(directory.resolve("kv"), new StoreSettings(1 << 20));
        store.open();
        expiry = new Expiry(new Node(), clock);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void put(long ttl) {
        ClusterClock.Stamp stamp = clock.stamp();
        clock.applied(stamp);
        try (WriteTransaction transaction = store.begin(stamp.time())) {
            transaction.nextCommand();
            transaction.put(Key.of("key"), new JsonText("1".getBytes(StandardCharsets.UTF_8)), ttl);
            transaction.commit(1, store.position().index() + 1);
        }
    }

    private void pass(long millis) {
        nanos.addAndGet(Duration.ofMillis(millis).toNanos());
    }

    @Test
    void nothingIsProposedWhileNoKeyHasADeadline() {
        put(0);
        pass(100 * TTL);
        expiry.run();

        assertEquals(List.of(), proposed);
    }

    @Test
    void keysWhoseTimeIsOverAreProposedOnceAtATime() {
        put(TTL);
        end = new CompletableFuture<>();
        pass(TTL);
        expiry.run();
        expiry.run();
        assertEquals(List.of("expire"), proposed);

        end.complete(new Outcome.RangeRemoved(1, 1));
        expiry.run();
        assertEquals(List.of("expire", "expire"), proposed);
    }

    /** Whoever leads next then lags by so much at most. */
    @Test
    void theLogIsToldTheTimeWhileKeysWait() {
        put(TTL);
        pass(4_999);
        expiry.run();
        assertEquals(List.of(), proposed);

        pass(1);
        expiry.run();
        assertEquals(List.of("barrier"), proposed);
    }

    @Test
    void onlyALeaderProposes() {
        put(TTL);
        pass(TTL);
        role = Role.FOLLOWER;
        expiry.run();

        assertEquals(List.of(), proposed);
    }

    @Test
    void aNodeThatServesNothingProposesNothing() {
        store.close();
        expiry.run();

        assertEquals(List.of(), proposed);
    }

    private final class Node extends LoneNode {
        @Override
        public CompletableFuture<Outcome> write(Write write) {
            assertEquals(new Command.Expire(), write.command());
            proposed.add("expire");
            return end;
        }

        @Override
        public CompletableFuture<Long> barrier() {
            proposed.add("barrier");
            return end.thenApply(outcome -> 1L);
        }

        @Override
        public KvStore store() {
            return store;
        }

        @Override
        Role role() {
            return role;
        }
    }
}
