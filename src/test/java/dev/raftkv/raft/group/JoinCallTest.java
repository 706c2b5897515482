package dev.raftkv.raft.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.ratis.protocol.Message;
import org.junit.jupiter.api.Test;

/** These bytes go between nodes, which may be of different versions. */
class JoinCallTest {
    @Test
    void theCallsKeepTheirBytes() {
        assertEquals("raftkv/1 prepare to join", text(JoinCall.request()));
        assertEquals("7", text(JoinCall.reply(7)));
        assertEquals("raftkv/1 where do you answer HTTP", text(JoinCall.where()));
        assertEquals("raftkv/1 at http://n:1/kv", text(JoinCall.there("http://n:1/kv")));
    }

    @Test
    void theCallsAreToldApart() {
        assertTrue(JoinCall.isWhere(JoinCall.where()));
        assertFalse(JoinCall.isWhere(JoinCall.request()));
        assertFalse(JoinCall.isRequest(JoinCall.where()));
    }

    @Test
    void aReplyOfAnotherKindIsNoAddress() {
        assertEquals(Optional.of("http://n:1"), JoinCall.httpAddressOf(JoinCall.there("http://n:1")));
        assertEquals(Optional.empty(), JoinCall.httpAddressOf(JoinCall.reply(7)));
    }

    private static String text(Message message) {
        return message.getContent().toString(StandardCharsets.UTF_8);
    }
}
