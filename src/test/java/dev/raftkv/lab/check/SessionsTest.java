package dev.raftkv.lab.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.lab.history.History;
import dev.raftkv.lab.history.Holding;
import dev.raftkv.lab.history.Holding.What;
import dev.raftkv.lab.history.Leading;
import dev.raftkv.lab.history.Outcome;
import dev.raftkv.lab.history.Sight;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A right history of a session of 2 seconds passes, and each way to break it is found. */
class SessionsTest {
    private static final String KEY = "s/1";

    private final List<Holding> holdings = new ArrayList<>(List.of(
            holding(What.BEGIN, 0, 10, Outcome.DONE, false),
            holding(What.TAKE, 20, 30, Outcome.DONE, false),
            holding(What.RENEW, 1_500, 1_510, Outcome.DONE, false),
            holding(What.RENEW, 3_400, 3_410, Outcome.UNKNOWN, false),
            holding(What.LOOK, 3_450, 3_460, Outcome.DONE, false),
            holding(What.LOOK, 4_000, 4_010, Outcome.REFUSED, true)));
    private final List<Leading> leadings = new ArrayList<>();
    private final List<Sight> sights = new ArrayList<>(List.of(sight(Sight.What.EXPIRE, 3_900)));

    @Test
    void whatIsRightPasses() {
        assertEquals(List.of(), verdict().faults());
        assertTrue(verdict().summary().contains("late by 390.0 ms (median)"), verdict()::summary);
    }

    @Test
    void aKeyThatIsGoneEarly() {
        holdings.set(4, holding(What.LOOK, 3_450, 3_460, Outcome.REFUSED, true));
        found("early by 40.0 ms");
    }

    @Test
    void aRenewalThatIsToldTooEarlyThatAllIsOver() {
        holdings.set(3, holding(What.RENEW, 3_400, 3_410, Outcome.REFUSED, true));
        found("early by 90.0 ms");
    }

    @Test
    void anEndThatIsSeenEarly() {
        sights.set(0, sight(Sight.What.EXPIRE, 3_480));
        found("early by 20.0 ms");
    }

    @Test
    void anEndThatIsSeenEarlyThoughItWasAskedFor() {
        holdings.set(4, holding(What.END, 3_450, 3_460, Outcome.DONE, true));
        sights.set(0, sight(Sight.What.EXPIRE, 3_480));
        found("early by 20.0 ms");
    }

    @Test
    void anEndThatWasAskedFor() {
        holdings.set(3, holding(What.END, 2_000, 2_010, Outcome.UNKNOWN, false));
        holdings.set(4, holding(What.LOOK, 2_050, 2_060, Outcome.REFUSED, true));
        sights.set(0, sight(Sight.What.DELETE, 2_020));
        assertEquals(List.of(), verdict().faults());
    }

    @Test
    void anEndThatWasRefused() {
        holdings.set(3, holding(What.END, 2_000, 2_010, Outcome.REFUSED, false));
        holdings.set(4, holding(What.LOOK, 2_050, 2_060, Outcome.REFUSED, true));
        found("early by");
    }

    @Test
    void aDeleteThatNobodyAskedFor() {
        sights.set(0, sight(Sight.What.DELETE, 3_900));
        found("nobody had asked");
    }

    @Test
    void aRenewalOfWhatHadEnded() {
        holdings.add(holding(What.RENEW, 5_000, 5_010, Outcome.DONE, false));
        found("it lives again");
    }

    @Test
    void aSessionThatDoesNotEnd() {
        holdings.add(holding(What.LEFT, 90_000, 90_000, Outcome.DONE, false));
        found("still there when all was over");
    }

    @Test
    void anEndThatIsSoonAfterTheLastLeaderBegan() {
        leadings.add(new Leading(0, 1, 0));
        holdings.remove(3);
        long soon = 3_510 + Sessions.SOON / 1_000_000;
        holdings.set(3, holding(What.LOOK, soon, soon + 10, Outcome.DONE, false));
        holdings.set(4, holding(What.LOOK, soon + 20, soon + 30, Outcome.REFUSED, true));
        assertEquals(List.of(), verdict().faults());
        holdings.set(3, holding(What.LOOK, soon + 1, soon + 10, Outcome.DONE, false));
        found("late by 1.0 ms");
        leadings.add(new Leading(1, 2, 3_600 * 1_000_000L));
        assertEquals(List.of(), verdict().faults());
    }

    @Test
    void anEndThatMayHaveBeenPutOffByARenewal() {
        leadings.add(new Leading(0, 1, 0));
        holdings.set(4, holding(What.LOOK, 9_000, 9_010, Outcome.DONE, false));
        holdings.set(5, holding(What.LOOK, 9_020, 9_030, Outcome.REFUSED, true));
        sights.clear();
        assertEquals(List.of(), verdict().faults());
    }

    private void found(String words) {
        Verdict verdict = verdict();
        assertTrue(verdict.faults().stream().anyMatch(fault -> fault.contains(words)), verdict::toString);
    }

    private Verdict verdict() {
        History history = new History();
        holdings.forEach(history::add);
        sights.forEach(history::add);
        leadings.forEach(history::add);
        return Sessions.check(new Evidence(history, List.of()));
    }

    private static Holding holding(What what, long startMillis, long endMillis, Outcome outcome, boolean gone) {
        return new Holding(1, what, "id", 2, KEY, startMillis * 1_000_000, endMillis * 1_000_000, outcome, gone);
    }

    private static Sight sight(Sight.What what, long millis) {
        return new Sight(0, 0, what, "7", KEY, null, 7, 0, 0, millis * 1_000_000);
    }
}
