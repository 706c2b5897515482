package dev.raftkv.raft.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.raft.read.ReadModel.Bounds;
import dev.raftkv.raft.read.ReadModel.Result;
import dev.raftkv.raft.read.ReadModel.Rule;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reads by a round of questions, in all states of a small cluster: none is stale, and with any rule left out one is. */
@Timeout(60)
class ReadModelTest {
    private static final int MOST = 1_000_000;

    private static final Bounds THREE = new Bounds(3, Set.of(0, 1, 2), Set.of(), 2, 1, 1);
    private static final Bounds WITH_LEARNER = new Bounds(4, Set.of(0, 1, 2), Set.of(), 2, 0, 0);
    /** Two are to go, and one is to come, of which the first two have not heard. */
    private static final Bounds WHILE_MEMBERS_CHANGE = new Bounds(4, Set.of(0, 1, 2), Set.of(0, 3), 2, 0, 0);

    @Test
    void noReadIsStale() {
        for (Bounds bounds : Set.of(THREE, WITH_LEARNER, WHILE_MEMBERS_CHANGE)) {
            Result result = new ReadModel(bounds, Set.of()).search(MOST);
            assertEquals(Optional.empty(), result.story(), bounds::toString);
            assertTrue(result.states() > 1000, () -> bounds + " has " + result.states() + " states");
        }
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void aReadIsStaleWhenARuleIsLeftOut(Rule rule) {
        Bounds bounds = switch (rule) {
            case VOTERS_ONLY -> WITH_LEARNER;
            case NOT_IN_JOINT -> WHILE_MEMBERS_CHANGE;
            default -> THREE;
        };
        Result result = new ReadModel(bounds, Set.of(rule)).search(MOST);
        assertTrue(result.story().isPresent(), () -> "none in " + result.states() + " states");
    }
}
