package dev.raftkv.raft;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.ratis.protocol.Message;

/**
 * What a cluster's leader says to a lone node that it is about to take in: "take no more writes for a while, and tell how
 * many keys you hold". So no write is acknowledged by a node whose state is about to be put aside. The node forgets the
 * call when its time is over.
 */
final class JoinCall {
    /** How long the node takes no writes. */
    static final Duration HOLD = Duration.ofSeconds(20);
    /** Until when, after the call, the leader may make the node leave its own group. */
    static final Duration USE = Duration.ofSeconds(10);

    private static final Message REQUEST = Message.valueOf("raftkv/1 prepare to join");

    private JoinCall() {}

    static Message request() {
        return REQUEST;
    }

    static boolean isRequest(Message message) {
        return REQUEST.getContent().equals(message.getContent());
    }

    static Message reply(long keys) {
        return Message.valueOf(Long.toString(keys));
    }

    static long keysOf(Message reply) {
        return Long.parseLong(reply.getContent().toString(StandardCharsets.UTF_8));
    }
}
