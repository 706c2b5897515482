package dev.raftkv.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Role;
import dev.raftkv.model.Session;
import dev.raftkv.model.Write;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.StoreSettings;
import dev.raftkv.store.WriteTransaction;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionCareTest {
    private static final UUID ID = new UUID(7, 7);

    @TempDir
    Path directory;

    private final AtomicLong nanos = new AtomicLong();
    private final SessionLeases leases = new SessionLeases(nanos::get);
    private final List<Object> proposed = new ArrayList<>();
    private CompletableFuture<Outcome> end = new CompletableFuture<>();
    private CompletableFuture<Long> barrier = new CompletableFuture<>();
    private Role role = Role.LEADER;
    private long term = 4;

    /** Roles that this node has no more, which who asks is told of first. */
    private final Deque<Role> before = new ArrayDeque<>();

    /** What it takes to be at the store. */
    private Duration wait = Duration.ZERO;

    private KvStore store;
    private SessionCare care;

    @BeforeEach
    void open() {
        store = new KvStore(directory.resolve("kv"), new StoreSettings(1 << 20));
        store.open();
        care = new SessionCare(new Node(), leases, nanos::get);
        begin(ID, 1);
    }

    private void begin(UUID id, long index) {
        try (WriteTransaction transaction = store.begin(1)) {
            transaction.nextCommand();
            transaction.create(new OfSession.Create(id, "", 1_000, Session.Behavior.DELETE, 0));
            transaction.commit(1, index);
        }
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void ttlPasses() {
        care.run();
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        care.run();
    }

    private static OfSession.End endOf(long term) {
        return new OfSession.End(List.of(ID), term);
    }

    @Test
    void aLeaderProposesTheEndInItsTermAndOnce() {
        ttlPasses();
        care.run();
        assertEquals(List.of(endOf(4)), proposed);
        assertFalse(leases.renew(ID));
    }

    @Test
    void onlyALeaderProposes() {
        role = Role.FOLLOWER;
        ttlPasses();
        assertEquals(List.of(), proposed);
    }

    @Test
    void whoLeadsAgainBeginsAnew() {
        care.run();
        term = 6;
        ttlPasses();
        assertEquals(List.of(endOf(6)), proposed);
    }

    @Test
    void whatWasCertainlyNotDoneIsProposedAgainUnlessRenewed() {
        ttlPasses();
        end.completeExceptionally(new KvException(Code.UNAVAILABLE, "no"));
        care.run();
        assertEquals(List.of(endOf(4), endOf(4)), proposed);
        assertTrue(leases.renew(ID));
    }

    /** The entry may be in the log: a renewal that was answered now would be worth nothing. */
    @Test
    void behindAnUnknownOutcomeComesABarrier() {
        ttlPasses();
        end.completeExceptionally(new KvException(Code.OUTCOME_UNKNOWN, "late"));
        assertFalse(leases.renew(ID));
        care.run();
        care.run();
        assertEquals(List.of(endOf(4), "barrier"), proposed);
        assertFalse(leases.renew(ID));

        barrier.completeExceptionally(new KvException(Code.UNAVAILABLE, "no"));
        barrier = new CompletableFuture<>();
        care.run();
        assertFalse(leases.renew(ID));
        barrier.complete(9L);
        assertTrue(leases.renew(ID));
    }

    @Test
    void aSessionThatHasEndedIsForgotten() {
        ttlPasses();
        try (WriteTransaction transaction = store.begin(1)) {
            transaction.nextCommand();
            assertEquals(1, transaction.end(List.of(ID), true));
            transaction.commit(4, 2);
        }
        end.complete(new Outcome.SessionsEnded(0, 1));
        ttlPasses();
        assertEquals(List.of(endOf(4)), proposed);
        assertEquals(0, leases.term());
    }

    /** As it may be on a busy machine; new ones would live on until the next look, and others would wait for what they have. */
    @Test
    void aLookThatHadToWaitPutsOffNoOther() {
        wait = Duration.ofMillis(700);
        care.run();
        wait = Duration.ZERO;
        UUID other = new UUID(8, 8);
        begin(other, 2);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        ttlPasses();
        end.complete(new Outcome.SessionsEnded(0, 1));
        care.run();
        assertEquals(List.of(endOf(4), new OfSession.End(List.of(other), 4)), proposed);
    }

    /** Its election is still to come: leases that began now would begin too early. */
    @Test
    void whoOnlyStandsInATermBeginsNone() {
        role = Role.CANDIDATE;
        before.add(Role.LEADER);
        care.run();
        assertEquals(0, leases.term());
        role = Role.LEADER;
        care.run();
        assertEquals(4, leases.term());
    }

    private final class Node extends LoneNode {
        @Override
        public CompletableFuture<Outcome> write(Write write) {
            proposed.add(write.command());
            return end;
        }

        @Override
        public CompletableFuture<Long> barrier() {
            proposed.add("barrier");
            return barrier;
        }

        @Override
        public KvStore store() {
            nanos.addAndGet(wait.toNanos());
            return store;
        }

        @Override
        Role role() {
            return before.isEmpty() ? role : before.poll();
        }

        @Override
        long term() {
            return term;
        }
    }
}
