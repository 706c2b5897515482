package dev.raftkv.lab.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.lab.history.History;
import dev.raftkv.lab.history.Locking;
import dev.raftkv.lab.history.Locking.What;
import dev.raftkv.lab.history.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A right history of a lock that two sessions of 2 seconds want passes, and each way to break it is found. */
class LocksTest {
    private long delayMillis;
    private final List<Locking> lockings = new ArrayList<>(List.of(
            locking("a", What.BEGIN, 0, 10, Outcome.DONE, -1),
            locking("b", What.BEGIN, 0, 10, Outcome.DONE, -1),
            locking("a", What.TAKE, 20, 30, Outcome.DONE, 5),
            locking("b", What.TAKE, 40, 50, Outcome.REFUSED, -1),
            locking("a", What.WRITE, 60, 61, Outcome.DONE, 5),
            see(70, 80, 5, "a"),
            locking("b", What.RENEW, 2_100, 2_110, Outcome.DONE, -1),
            locking("b", What.TAKE, 2_150, 2_160, Outcome.DONE, 9),
            locking("b", What.WRITE, 2_200, 2_201, Outcome.DONE, 9),
            locking("a", What.WRITE, 2_300, 2_301, Outcome.REFUSED, 5),
            see(2_400, 2_410, 9, "b"),
            locking("b", What.RELEASE, 2_500, 2_510, Outcome.DONE, -1),
            see(2_600, 2_610, -1, null)));

    @Test
    void whatIsRightPasses() {
        assertEquals(List.of(), verdict().faults());
    }

    @Test
    void twoHoldersAtOnce() {
        lockings.set(3, locking("b", What.TAKE, 40, 50, Outcome.DONE, 6));
        found("two have the lock at once");
    }

    @Test
    void aSecondHolderJustBeforeTheFirstOnesTimeIsOver() {
        lockings.set(7, locking("b", What.TAKE, 1_980, 1_990, Outcome.DONE, 9));
        lockings.remove(3);
        found("two have the lock at once");
    }

    @Test
    void aTokenThatTwoHave() {
        lockings.set(7, locking("b", What.TAKE, 2_150, 2_160, Outcome.DONE, 5));
        found("two sessions have one token");
    }

    @Test
    void aTokenThatIsSmallerThanTheOneBefore() {
        lockings.set(7, locking("b", What.TAKE, 2_150, 2_160, Outcome.DONE, 4));
        lockings.remove(3);
        found("a later hold has a smaller token");
    }

    @Test
    void aLockWithoutAToken() {
        lockings.set(7, locking("b", What.TAKE, 2_150, 2_160, Outcome.DONE, -1));
        found("a lock without a token");
    }

    @Test
    void aReadThatShowsNobody() {
        lockings.set(5, see(70, 80, -1, null));
        found("a read does not show the hold");
    }

    @Test
    void aReadThatShowsAnother() {
        lockings.set(5, see(70, 80, 5, "b"));
        found("a read shows the token of a");
    }

    @Test
    void aTokenThatGoesBack() {
        lockings.add(see(2_700, 2_710, 5, "a"));
        found("a token went back");
    }

    @Test
    void aWriteOfAnEarlierHolderThatIsTaken() {
        lockings.set(9, locking("a", What.WRITE, 2_300, 2_301, Outcome.DONE, 5));
        found("an earlier holder wrote behind a later one");
    }

    @Test
    void aHolderThatIsRefused() {
        lockings.set(4, locking("a", What.WRITE, 60, 61, Outcome.REFUSED, 5));
        found("a holder was refused");
    }

    @Test
    void aHolderWithinTheLockDelayOfOneThatDied() {
        delayMillis = 200;
        found("within the lock delay");
        delayMillis = 161;
        assertEquals(List.of(), verdict().faults());
    }

    @Test
    void aHolderWithinTheLockDelayOfOneThatWasEnded() {
        delayMillis = 500;
        lockings.add(5, locking("a", What.END, 1_900, 1_910, Outcome.UNKNOWN, -1));
        found("within the lock delay");
    }

    @Test
    void aHolderBehindOneThatHasLetGo() {
        delayMillis = 500;
        lockings.add(5, locking("a", What.RELEASE, 1_900, 1_910, Outcome.UNKNOWN, -1));
        assertEquals(List.of(), verdict().faults());
    }

    @Test
    void whatTheStoreTookFromAnEarlierHolder() {
        lockings.add(store("a", 100, 110, Outcome.DONE, 5, 20));
        lockings.add(store("b", 2_210, 2_220, Outcome.DONE, 9, 21));
        lockings.add(store("a", 2_310, 2_320, Outcome.REFUSED, 5, -1));
        lockings.add(store("a", 2_330, 2_340, Outcome.UNKNOWN, 5, -1));
        assertEquals(List.of(), verdict().faults());
        lockings.add(store("a", 2_330, 2_340, Outcome.DONE, 5, 22));
        found("the store took an earlier holder's");
    }

    @Test
    void aHolderThatTheStoreRefused() {
        lockings.add(store("a", 100, 110, Outcome.REFUSED, 5, -1));
        found("a holder was refused");
    }

    private void found(String words) {
        Verdict verdict = verdict();
        assertTrue(verdict.faults().stream().anyMatch(fault -> fault.contains(words)), verdict::toString);
    }

    private Verdict verdict() {
        History history = new History();
        lockings.stream().map(this::delayed).forEach(history::add);
        return Locks.check(new Evidence(history, List.of()));
    }

    private Locking delayed(Locking one) {
        return new Locking(
                one.contender(),
                one.what(),
                one.lock(),
                one.session(),
                one.ttlSeconds(),
                one.start(),
                one.end(),
                one.outcome(),
                one.token(),
                one.owner(),
                delayMillis,
                one.revision());
    }

    private static Locking store(
            String session, long startMillis, long endMillis, Outcome outcome, long token, long revision) {
        return new Locking(
                1,
                What.STORE,
                "lock",
                session,
                2,
                startMillis * 1_000_000,
                endMillis * 1_000_000,
                outcome,
                token,
                null,
                0,
                revision);
    }

    private static Locking locking(
            String session, What what, long startMillis, long endMillis, Outcome outcome, long token) {
        return new Locking(
                1, what, "lock", session, 2, startMillis * 1_000_000, endMillis * 1_000_000, outcome, token, null);
    }

    private static Locking see(long startMillis, long endMillis, long token, String owner) {
        return new Locking(
                2,
                What.SEE,
                "lock",
                "c",
                2,
                startMillis * 1_000_000,
                endMillis * 1_000_000,
                Outcome.DONE,
                token,
                owner);
    }
}
