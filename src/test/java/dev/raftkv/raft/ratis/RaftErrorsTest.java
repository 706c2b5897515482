package dev.raftkv.raft.ratis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.model.Address;
import dev.raftkv.model.Code;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import org.apache.ratis.protocol.exceptions.TimeoutIOException;
import org.junit.jupiter.api.Test;

class RaftErrorsTest {
    private static final Address ADDRESS = new Address("127.0.0.1", 1111);

    @Test
    void aNodeThatSaysNothingMayBeHealthyAndOneThatAnswersWronglyIsNot() {
        assertEquals(Code.UNAVAILABLE, codeFor(new SocketTimeoutException("Connect timed out")));
        assertEquals(Code.UNAVAILABLE, codeFor(new IOException("3 attempts", new TimeoutIOException("3 s"))));
        assertEquals(Code.INVALID, codeFor(new ConnectException("Connection refused")));
        assertEquals(Code.INVALID, codeFor(new IOException("this is no Raft")));
    }

    private static Code codeFor(IOException failure) {
        return RaftErrors.unreached(ADDRESS, "correct raft_address", failure).code();
    }
}
