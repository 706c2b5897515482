package dev.raftkv.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
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
    void unexpectedFailureIsNamedAndPointsToTheLog() {
        assertEquals(
                "this node did not start: unexpected failure, whose stack is in the log:"
                        + " java.lang.IllegalStateException: broken." + ADVICE,
                StartFailure.sentence(new IllegalStateException("broken")));
    }
}
