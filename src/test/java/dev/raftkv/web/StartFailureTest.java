package dev.raftkv.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.StartException;
import org.junit.jupiter.api.Test;

class StartFailureTest {
    private static final String ADVICE = " Correct this, then start the node again.";

    @Test
    void failureMeantForUsersIsGivenAsItIs() {
        assertEquals(
                "this node did not start: /data is in use: stop the other node." + ADVICE,
                StartFailure.sentence(new KvException(Code.UNAVAILABLE, "/data is in use: stop the other node.")));
    }

    @Test
    void whatAnOperatorCanMendNeedsNoStack() {
        StartException failure = new StartException("the Raft port 127.0.0.1:1111 is in use: set RAFT_PORT");

        assertEquals(
                "this node did not start: the Raft port 127.0.0.1:1111 is in use: set RAFT_PORT." + ADVICE,
                StartFailure.sentence(failure));
        assertTrue(StartFailure.isExpected(failure));
        assertFalse(StartFailure.isExpected(new IllegalStateException("broken")));
    }

    @Test
    void unexpectedFailureIsNamedAndPointsToTheLog() {
        assertEquals(
                "this node did not start: unexpected failure, whose stack is in the log:"
                        + " java.lang.IllegalStateException: broken." + ADVICE,
                StartFailure.sentence(new IllegalStateException("broken")));
    }
}
