package dev.raftkv.raft.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.apache.ratis.protocol.RaftPeerId;
import org.junit.jupiter.api.Test;

class RoundTest {
    private static final long TERM = 7;
    private static final RaftPeerId B = RaftPeerId.valueOf("b");
    private static final RaftPeerId C = RaftPeerId.valueOf("c");
    private static final RaftPeerId D = RaftPeerId.valueOf("d");
    private static final RaftPeerId E = RaftPeerId.valueOf("e");

    private static Round round(int wanted, RaftPeerId... asked) {
        return new Round(TERM, wanted, List.of(asked));
    }

    @Test
    void itEndsWellWithTheAnswerThatMakesAMajority() {
        Round round = round(2, B, C, D, E);
        round.answered(B, TERM);
        assertFalse(round.end().isDone());
        // One that has not heard of the term yet.
        round.answered(E, TERM - 2);
        assertTrue(round.end().join());
    }

    @Test
    void aLaterTermEndsItWhateverTheOthersSay() {
        Round round = round(2, B, C, D, E);
        round.answered(B, TERM);
        round.answered(C, TERM + 1);
        round.answered(D, TERM);
        round.answered(E, TERM);
        assertFalse(round.end().join());
    }

    @Test
    void itEndsWhenTooFewAreLeft() {
        Round round = round(2, B, C, D, E);
        Stream.of(B, C).forEach(round::failed);
        assertFalse(round.end().isDone());
        round.failed(D);
        assertFalse(round.end().join());
        assertFalse(round(2, B).end().join());
    }

    @Test
    void aVoterCountsOnceAndOthersDoNot() {
        Round round = round(2, B, C);
        round.answered(B, TERM);
        round.answered(B, TERM);
        round.answered(D, TERM);
        round.failed(B);
        assertFalse(round.end().isDone());
        round.answered(C, TERM);
        assertTrue(round.end().join());
    }

    @Test
    void whatComesLateChangesNothing() {
        Round given = round(1, B, C);
        given.giveUp();
        given.answered(B, TERM);
        assertFalse(given.end().join());
        Round done = round(1, B, C);
        done.answered(B, TERM);
        done.answered(C, TERM + 1);
        done.giveUp();
        assertEquals(true, done.end().join());
    }

    @Test
    void whoIsAMajorityAloneAsksNobody() {
        assertTrue(round(0).end().join());
    }
}
