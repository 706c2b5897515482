package dev.raftkv.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HealthTest {
    private static final Optional<String> NONE = Optional.empty();
    private static final Optional<String> LEADER = Optional.of("node1");

    private Vitals vitals = new Vitals(NONE, NONE, NONE, NONE, LEADER, 0, NONE);
    private final Health health = new Health(() -> vitals);

    @Test
    void aMemberWithALeaderIsLiveAndReady() {
        assertTrue(health.live().passed());
        assertTrue(health.ready().passed());
        assertEquals(
                List.of("stopping", "member", "joining", "leader", "lag", "progress", "disk"),
                health.ready().checks().stream().map(Health.Check::name).toList());
        assertEquals("raftkv_ready 1", gauge());
    }

    @Test
    void aNodeThatAFailureHasStoppedIsNeither() {
        vitals = new Vitals(Optional.of("the disk broke"), Optional.of("stopped"), NONE, NONE, NONE, 0, NONE);

        assertEquals(
                List.of(new Health.Check("failure", Optional.of("the disk broke"))),
                health.live().failed());
        assertEquals(
                List.of(
                        new Health.Check("member", Optional.of("stopped")),
                        new Health.Check("leader", Optional.of("no leader is known"))),
                health.ready().failed());
        assertEquals("raftkv_ready 0", gauge());
    }

    @Test
    void aNodeThatIsNoMemberIsLiveAndNotReady() {
        vitals = new Vitals(NONE, Optional.of("it was removed"), NONE, NONE, NONE, 0, NONE);

        assertTrue(health.live().passed());
        assertFalse(health.ready().passed());
    }

    @Test
    void aNodeWithoutALeaderIsNotReady() {
        vitals = new Vitals(NONE, NONE, NONE, NONE, NONE, 0, NONE);

        assertTrue(health.live().passed());
        assertNotReady("leader", "no leader is known");
    }

    @Test
    void aNodeThatAsksToBeJoinedIsNotReady() {
        vitals = new Vitals(NONE, NONE, NONE, Optional.of("it asks"), LEADER, 0, NONE);

        assertNotReady("joining", "it asks");
    }

    @Test
    void aNodeWhoseLogStandsStillIsLiveAndNotReady() {
        vitals = new Vitals(NONE, NONE, NONE, NONE, LEADER, 0, Optional.of("it applies nothing"));

        assertTrue(health.live().passed());
        assertNotReady("progress", "it applies nothing");
    }

    @Test
    void aNodeIsReadyUntilItIsAThousandEntriesBehind() {
        vitals = new Vitals(NONE, NONE, NONE, NONE, LEADER, 1000, NONE);
        assertTrue(health.ready().passed());

        vitals = new Vitals(NONE, NONE, NONE, NONE, LEADER, 1001, NONE);
        assertNotReady("lag", "this node is 1001 entries behind its cluster, more than 1000");
    }

    @Test
    void aNodeWithoutDiskSpaceIsNotReady() {
        vitals = new Vitals(NONE, NONE, Optional.of("the disk is full"), NONE, LEADER, 0, NONE);

        assertTrue(health.live().passed());
        assertNotReady("disk", "the disk is full");
    }

    @Test
    void aNodeThatStopsIsLiveAndNotReady() {
        health.stopping();

        assertTrue(health.live().passed());
        assertNotReady("stopping", "this node is stopping");
    }

    private void assertNotReady(String check, String problem) {
        assertEquals(
                List.of(new Health.Check(check, Optional.of(problem))),
                health.ready().failed());
    }

    private String gauge() {
        Exposition out = new Exposition();
        health.write(out);
        return out.text().lines().reduce((first, second) -> second).orElseThrow();
    }
}
