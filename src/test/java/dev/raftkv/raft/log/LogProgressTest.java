package dev.raftkv.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.raft.log.LogProgress.Reading;
import dev.raftkv.raft.log.LogProgress.Stage;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LogProgressTest {
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Reading IDLE = new Reading(true, 3, 3, 7, 7, 7, 7, 0);

    private Optional<Reading> reading = Optional.of(IDLE);
    private long now = -5;
    private int steppedAside;
    private final LogProgress progress = new LogProgress(() -> reading, PATIENCE, () -> now, () -> steppedAside++);

    private void look(Duration time) {
        for (long end = now + time.toNanos(); now < end; ) {
            now += LogProgress.PAUSE.toNanos();
            progress.run();
        }
    }

    private void lookAt(Reading log, Duration time) {
        reading = Optional.of(log);
        look(time);
    }

    private void assertStandsStill(Stage stage, String words) {
        assertTrue(progress.age(stage).compareTo(Duration.ofSeconds(2)) > 0, stage + " " + progress.age(stage));
        assertTrue(progress.problem().orElseThrow().contains(words), progress.problem()::toString);
    }

    @Test
    void aLogWithoutWorkIsWell() {
        look(Duration.ofHours(1));
        assertEquals(Optional.empty(), progress.problem());
        assertEquals(0, steppedAside);
    }

    @Test
    void anEntryThatTakesLongAndGoesOnIsNoStandstill() {
        for (int i = 0; i < 20; i++) {
            lookAt(new Reading(true, 3, 3, 8, 8, 8, 7, i), Duration.ofMillis(900));
        }
        assertEquals(Optional.empty(), progress.problem());
        look(Duration.ofSeconds(3));
        assertStandsStill(Stage.APPLY, "applies nothing");
    }

    @Test
    void eachStageThatStandsStillIsNamed() {
        lookAt(new Reading(true, 4, 3, 7, 7, 7, 7, 0), Duration.ofSeconds(3));
        assertStandsStill(Stage.APPEND, "does not get into its log");
        lookAt(new Reading(true, 4, 4, 8, 7, 7, 7, 0), Duration.ofSeconds(3));
        assertStandsStill(Stage.SYNC, "is not synced");
        lookAt(new Reading(true, 4, 4, 8, 8, 7, 7, 0), Duration.ofSeconds(3));
        assertStandsStill(Stage.COMMIT, "to a majority");
        lookAt(new Reading(true, 4, 4, 8, 8, 8, 7, 0), Duration.ofSeconds(3));
        assertStandsStill(Stage.APPLY, "applies nothing");
        lookAt(new Reading(true, 4, 4, 8, 8, 8, 8, 0), LogProgress.PAUSE);
        assertEquals(Optional.empty(), progress.problem());
        assertEquals(Duration.ZERO, progress.age(Stage.APPLY));
    }

    @Test
    void slowIsNotStill() {
        for (int i = 0; i < 100; i++) {
            lookAt(new Reading(true, 3, 3, 1000, 500 + i, 500 + i, 7 + i, 0), Duration.ofMillis(900));
        }
        assertEquals(Optional.empty(), progress.problem());
        assertEquals(0, steppedAside);
    }

    @Test
    void aLeaderStepsAsideAtOnceAndThenSeldom() {
        Reading still = new Reading(true, 3, 3, 8, 8, 8, 7, 0);
        // The first look sees where the stage is.
        lookAt(still, PATIENCE);
        assertEquals(0, steppedAside);
        lookAt(still, LogProgress.PAUSE);
        assertEquals(1, steppedAside);
        lookAt(still, Duration.ofSeconds(9));
        assertEquals(1, steppedAside);
        lookAt(still, Duration.ofSeconds(2));
        assertEquals(2, steppedAside);
        lookAt(still, Duration.ofHours(2));
        assertTrue(steppedAside < 20, "it did so " + steppedAside + " times");
    }

    @Test
    void aLeaderThatHasBeenWellForLongStepsAsideAtOnceAgain() {
        Reading still = new Reading(true, 3, 3, 8, 8, 8, 7, 0);
        lookAt(still, Duration.ofMinutes(3));
        int before = steppedAside;
        assertTrue(before > 2);
        lookAt(IDLE, Duration.ofMinutes(11));
        lookAt(still, Duration.ofSeconds(2));
        assertEquals(before + 1, steppedAside);
    }

    @Test
    void aFollowerHasNothingToStepAsideFromButIsNotWell() {
        lookAt(new Reading(false, 3, 3, 9, 9, 8, 7, 0), Duration.ofSeconds(3));
        assertStandsStill(Stage.APPLY, "applies nothing");
        assertEquals(Duration.ZERO, progress.age(Stage.COMMIT));
        assertEquals(0, steppedAside);
    }

    /** SIGSTOP, or a virtual machine that is moved: entries have waited for long, and are applied in the next moment. */
    @Test
    void aPauseOfTheProcessIsNoStandstill() {
        lookAt(new Reading(true, 3, 3, 8, 8, 8, 7, 0), Duration.ofMillis(300));
        now += Duration.ofMinutes(1).toNanos();
        progress.run();
        assertEquals(Optional.empty(), progress.problem());
        assertEquals(0, steppedAside);
    }

    @Test
    void withoutALogNothingStandsStill() {
        lookAt(new Reading(true, 3, 3, 8, 8, 8, 7, 0), Duration.ofSeconds(3));
        reading = Optional.empty();
        look(LogProgress.PAUSE);
        assertEquals(Optional.empty(), progress.problem());
    }
}
