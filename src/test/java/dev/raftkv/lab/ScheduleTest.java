package dev.raftkv.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ScheduleTest {
    private static final List<FaultKind> ALL = List.of(FaultKind.values());

    @Test
    void theSameSeedGivesTheSameScheduleAndAnotherAnother() {
        assertEquals(steps(7, 200), steps(7, 200));
        assertNotEquals(steps(7, 20), steps(8, 20));
    }

    @Test
    void eachKindComesBeforeAnyComesAgain() {
        List<Step> steps = steps(7, 2 * ALL.size());
        for (int round = 0; round < 2; round++) {
            Set<FaultKind> seen = EnumSet.noneOf(FaultKind.class);
            steps.subList(round * ALL.size(), (round + 1) * ALL.size()).forEach(step -> seen.add(step.kind()));
            assertEquals(ALL.size(), seen.size());
        }
    }

    @Test
    void eachFaultLastsAsLongAsItsKindMay() {
        for (Step step : steps(7, 500)) {
            assertTrue(
                    step.millis() >= step.kind().leastMillis()
                            && step.millis() <= step.kind().mostMillis(),
                    step::toString);
        }
    }

    private static List<Step> steps(long seed, int count) {
        return Stream.generate(new Schedule(seed, ALL)::next).limit(count).toList();
    }
}
