package dev.raftkv.lab.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.lab.history.Counting;
import dev.raftkv.lab.history.History;
import dev.raftkv.lab.history.NodeStore;
import dev.raftkv.lab.history.Outcome;
import dev.raftkv.lab.history.Sight;
import dev.raftkv.lab.history.Watcher;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A right history of a counter passes, and each way to break it is found. */
class CountersTest {
    private static final String KEY = "c";

    private final List<Counting> countings = new ArrayList<>(List.of(
            add(0, 10, 20, Outcome.DONE, sum(1), 1),
            add(1, 12, 30, Outcome.DONE, sum(1, 1), 2),
            add(0, 25, 40, Outcome.UNKNOWN, null, -1),
            add(1, 35, 45, Outcome.REFUSED, null, -1),
            read(50, 60, sum(2, 1), 3),
            add(1, 65, 70, Outcome.DONE, sum(2, 2), 4),
            read(75, 80, sum(2, 2), 4)));
    private final List<Sight> sights =
            new ArrayList<>(List.of(put(1, sum(1)), put(2, sum(1, 1)), put(3, sum(2, 1)), put(4, sum(2, 2))));
    private NodeStore store = store(sum(2, 2), 4);

    @Test
    void whatIsRightPasses() {
        assertEquals(List.of(), verdict().faults());
    }

    @Test
    void whatIsUnknownMayNeverHappen() {
        countings.set(4, read(50, 60, sum(1, 1), 2));
        countings.set(5, add(1, 65, 70, Outcome.DONE, sum(1, 2), 3));
        countings.set(6, read(75, 80, sum(1, 2), 3));
        sights.set(2, put(3, sum(1, 2)));
        sights.remove(3);
        store = store(sum(1, 2), 3);
        assertEquals(List.of(), verdict().faults());
    }

    @Test
    void anAddThatWasLost() {
        countings.set(6, read(75, 80, sum(2, 1), 4));
        found("has 1 adds in lane 1");
    }

    @Test
    void anAddThatIsNotInTheStore() {
        store = store(sum(1, 1), 5);
        found("the store of node1");
    }

    @Test
    void anAddThatTookEffectTwice() {
        countings.set(6, read(75, 80, sum(2, 3), 5));
        found("has 3 adds in lane 1");
    }

    @Test
    void anAddThatWasRefused() {
        countings.set(4, read(50, 60, sum(2, 2), 3));
        found("has 2 adds in lane 1");
    }

    @Test
    void anAddThatIsSeenBeforeItWasMade() {
        countings.set(4, read(50, 60, sum(2, 2), 4));
        found("has 2 adds in lane 1");
    }

    @Test
    void anAnswerWithoutTheOwnAdd() {
        countings.set(0, add(0, 10, 20, Outcome.DONE, sum(0), 1));
        found("has 0 adds in lane 0");
    }

    @Test
    void whatNobodyAdded() {
        store = store(sum(2, 2).add(Counting.unit(5)), 5);
        found("that nobody added");
    }

    @Test
    void aLaterRevisionWithLess() {
        countings.set(4, read(50, 60, sum(2, 1), 1));
        found("is " + sum(2, 1));
    }

    @Test
    void twoAddsOfOneChange() {
        countings.set(2, add(0, 25, 40, Outcome.DONE, sum(2, 1), 2));
        countings.set(1, add(1, 12, 30, Outcome.DONE, sum(2, 1), 2));
        found("two adds made one change");
    }

    @Test
    void aChangeOfTwoAdds() {
        sights.set(2, put(3, sum(2, 2)));
        sights.remove(3);
        found("is not one add");
    }

    @Test
    void aCounterThatGoes() {
        sights.add(new Sight(0, 0, Sight.What.DELETE, "5", KEY, null, 5, 0, 0, 90));
        found("is not one add");
    }

    private void found(String words) {
        Verdict verdict = verdict();
        assertTrue(verdict.faults().stream().anyMatch(fault -> fault.contains(words)), verdict::toString);
    }

    private Verdict verdict() {
        History history = new History();
        countings.forEach(history::add);
        history.add(new Watcher(0, false, ""));
        history.add(new Sight(0, 0, Sight.What.OPEN, "", null, null, 0, 0, 0, 0));
        sights.forEach(history::add);
        return Counters.check(new Evidence(history, List.of(store)));
    }

    private static BigInteger sum(long... times) {
        BigInteger sum = BigInteger.ZERO;
        for (int lane = 0; lane < times.length; lane++) {
            sum = sum.add(Counting.unit(lane).multiply(BigInteger.valueOf(times[lane])));
        }
        return sum;
    }

    private static Counting add(int lane, long start, long end, Outcome outcome, BigInteger sum, long revision) {
        return new Counting(lane / 2, KEY, lane, lane % 2 == 1, 1, start, end, outcome, sum, revision);
    }

    private static Counting read(long start, long end, BigInteger sum, long revision) {
        return new Counting(9, KEY, Counting.READ, false, 1, start, end, Outcome.DONE, sum, revision);
    }

    private static Sight put(long revision, BigInteger sum) {
        String id = Long.toString(revision);
        return new Sight(0, 0, Sight.What.PUT, id, KEY, sum.toString(), revision, 1, revision, 100);
    }

    private static NodeStore store(BigInteger sum, long revision) {
        return new NodeStore(
                "node1", revision, List.of(new NodeStore.Entry(KEY, sum.toString(), 1, revision, revision)));
    }
}
