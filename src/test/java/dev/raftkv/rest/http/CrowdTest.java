package dev.raftkv.rest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CrowdTest {
    private static final int MEMBERS = 5;
    private static final int HEAVY = 100_000;
    private static final int LIGHT = 10;

    private long now;
    private int calls;
    private final Crowd<String> crowd =
            new Crowd<>(MEMBERS, 2 * HEAVY, Duration.ofSeconds(5), () -> now, () -> calls++);

    private void pass(long millis) {
        now += Duration.ofMillis(millis).toNanos();
    }

    @Test
    void whoHasWaitedLongGivesWayWhenThereIsTooMuch() {
        crowd.waits("a", HEAVY);
        crowd.waits("b", HEAVY);
        pass(60_000);
        assertEquals(0, calls);
        assertNull(crowd.removeFirst());

        crowd.waits("c", 1);
        assertEquals(1, calls);
        assertEquals("a", crowd.removeFirst());
        assertNull(crowd.removeFirst());
    }

    @Test
    void whoeverTakesSomethingBeginsAnew() {
        crowd.waits("a", HEAVY);
        crowd.waits("b", HEAVY);
        pass(4999);
        crowd.leaves("a");
        crowd.waits("a", HEAVY + 1);
        pass(1);
        assertEquals("b", crowd.removeFirst());
        crowd.waits("c", HEAVY);
        pass(4998);
        assertNull(crowd.removeFirst());
        pass(1);
        assertEquals("a", crowd.removeFirst());
    }

    @Test
    void theMoreThereIsTheShorterIsLong() {
        for (String who : new String[] {"a", "b", "c", "d"}) {
            crowd.waits(who, HEAVY);
        }
        pass(1000);
        assertNull(crowd.removeFirst(), "twice is not more than twice");
        crowd.waits("e", HEAVY);
        assertEquals("a", crowd.removeFirst());
        assertNull(crowd.removeFirst());

        assertFalse(crowd.isFarTooMuch());
        crowd.waits("f", 3 * HEAVY);
        assertTrue(crowd.isFarTooMuch());
        assertEquals("b", crowd.removeFirst());
        assertFalse(crowd.isFarTooMuch());
    }

    @Test
    void whoHoldsLittleIsLeftAloneWhereMemoryIsWanted() {
        crowd.waits("light", LIGHT);
        pass(1);
        crowd.waits("a", 7 * HEAVY);
        assertEquals("a", crowd.removeFirst());
        assertNull(crowd.removeFirst());
        pass(60_000);
        crowd.waits("light", 7 * HEAVY);
        assertEquals("light", crowd.removeFirst(), "it has become heavy");
        assertTrue(crowd.all().isEmpty());
    }

    @Test
    void whoHasWaitedLongestGivesWayWhenThereAreTooMany() {
        crowd.waits("a", LIGHT);
        pass(1);
        crowd.waits("b", HEAVY);
        for (int i = 2; i < MEMBERS; i++) {
            crowd.waits("c" + i, LIGHT);
        }
        crowd.waits("a", LIGHT + 1);
        pass(1000);
        assertNull(crowd.removeFirst());
        crowd.waits("d", LIGHT);
        assertEquals("a", crowd.removeFirst());
        crowd.waits("e", LIGHT);
        assertEquals("b", crowd.removeFirst());
        crowd.waits("f", LIGHT);
        assertEquals("c2", crowd.removeFirst());
        assertNull(crowd.removeFirst());
    }

    @Test
    void whoHasNothingToLoseGivesWayAtOnce() {
        for (int i = 0; i <= MEMBERS; i++) {
            crowd.waits("a" + i, 0);
        }
        assertEquals("a0", crowd.removeFirst());
        assertNull(crowd.removeFirst());
    }
}
