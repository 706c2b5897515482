package dev.raftkv.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Session;
import dev.raftkv.model.Session.Behavior;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SessionLeasesTest {
    private static final long TTL = 15_000;
    private static final UUID A = new UUID(0, 1);
    private static final UUID B = new UUID(0, 2);

    private final AtomicLong nanos = new AtomicLong(-5);
    private final SessionLeases leases = new SessionLeases(nanos::get);

    private static List<Session> sessions(UUID... ids) {
        return Stream.of(ids)
                .map(id -> new Session(id, "", TTL, Behavior.DELETE, 0, 1, 0))
                .toList();
    }

    /** As the node does it, ten times a second. */
    private void pass(long millis) {
        for (long i = 0; i < millis; i += 100) {
            nanos.addAndGet(Duration.ofMillis(Math.min(100, millis - i)).toNanos());
            assertEquals(List.of(), leases.end(0));
        }
    }

    private List<UUID> over() {
        List<UUID> over = leases.end(9);
        leases.settled();
        return over;
    }

    @Test
    void aSessionThatNobodyRenewsIsOverAfterItsTtl() {
        leases.lead(1, sessions(A));
        pass(TTL - 1);
        assertEquals(List.of(), over());
        pass(1);
        assertEquals(List.of(A), over());
    }

    @Test
    void aRenewalGivesAllOfTheTtlAgain() {
        leases.lead(1, sessions(A, B));
        pass(TTL - 1);
        assertTrue(leases.renew(A));
        pass(1);
        assertEquals(List.of(B), over());
        leases.ended(List.of(B));
        pass(TTL - 2);
        assertEquals(List.of(), over());
        pass(1);
        assertEquals(List.of(A), over());
    }

    @Test
    void aSessionWithoutATtlIsNeverOver() {
        leases.lead(1, List.of(new Session(A, "", 0, Behavior.DELETE, 0, 1, 0)));
        pass(100 * TTL);
        assertEquals(List.of(), over());
        assertTrue(leases.renew(A));
        pass(TTL);
        assertEquals(List.of(), over());
    }

    @Test
    void aNewTermGivesAllSessionsAllOfTheirTtl() {
        leases.lead(1, sessions(A));
        pass(TTL - 1);
        leases.lead(1, sessions(A, B));
        pass(1);
        assertEquals(List.of(A), over());
        leases.lead(3, sessions(A, B));
        pass(TTL - 1);
        assertEquals(List.of(), over());
        leases.forget();
        leases.lead(3, sessions(A, B));
        pass(TTL - 1);
        assertEquals(List.of(), over());
        pass(1);
        assertEquals(List.of(A, B), over().stream().sorted().toList());
    }

    /** SIGSTOP, a suspended machine: renewals wait at its door meanwhile. */
    @Test
    void whatTheNodeHasSleptThroughDoesNotCount() {
        leases.lead(1, sessions(A));
        nanos.addAndGet(Duration.ofHours(1).toNanos());
        assertEquals(List.of(), over());
        pass(TTL - 1_001);
        assertEquals(List.of(), over());
        pass(1);
        assertEquals(List.of(A), over());
    }

    @Test
    void whatIsEndingIsNotRenewedUntilItIsKnownWhatBecameOfIt() {
        leases.lead(1, sessions(A));
        pass(TTL);
        assertEquals(List.of(A), leases.end(9));
        assertFalse(leases.renew(A));
        assertEquals(List.of(), leases.end(9));
        // Another leader may commit what this one has proposed.
        leases.forget();
        assertFalse(leases.renew(A));
        leases.lead(2, sessions(A));
        assertFalse(leases.renew(A));
        leases.settled();
        assertTrue(leases.renew(A));
        pass(TTL - 1);
        assertEquals(List.of(), over());
    }

    @Test
    void manyEndAFewAtATime() {
        leases.lead(1, sessions(A, B));
        pass(TTL);
        List<UUID> first = leases.end(1);
        assertEquals(1, first.size());
        leases.ended(first);
        leases.settled();
        List<UUID> second = leases.end(1);
        assertEquals(
                List.of(A, B),
                Stream.concat(first.stream(), second.stream()).sorted().toList());
    }

    @Test
    void aSessionThatIsNotKnownYetIsRenewedAllTheSame() {
        assertTrue(leases.renew(A));
        leases.lead(1, sessions(A));
        assertTrue(leases.renew(B));
        leases.lead(1, sessions(B));
        pass(TTL);
        assertEquals(List.of(B), over());
    }
}
