package dev.raftkv.raft.group;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.apache.ratis.protocol.Message;

/**
 * What a cluster's leader says over the Raft port to a node that it takes in. To a lone one before: "take no more writes for
 * a while, and tell how many keys you hold". So no write is acknowledged by a node whose state is about to be put aside. The
 * node forgets the call when its time is over. To a new member: "tell where you answer HTTP". The bytes are compared with
 * those of other versions: see {@code JoinCallTest}.
 */
public final class JoinCall {
    /** How long the node takes no writes. */
    static final Duration HOLD = Duration.ofSeconds(20);
    /** Until when, after the call, the leader may make the node leave its own group. */
    public static final Duration USE = Duration.ofSeconds(10);

    private static final Message REQUEST = Message.valueOf("raftkv/1 prepare to join");

    private static final Message WHERE = Message.valueOf("raftkv/1 where do you answer HTTP");
    private static final String THERE = "raftkv/1 at ";

    private JoinCall() {}

    public static Message where() {
        return WHERE;
    }

    static boolean isWhere(Message message) {
        return WHERE.getContent().equals(message.getContent());
    }

    static Message there(String httpAddress) {
        return Message.valueOf(THERE + httpAddress);
    }

    /** Empty if the reply is not understood. */
    public static Optional<String> httpAddressOf(Message reply) {
        String text = reply.getContent().toString(StandardCharsets.UTF_8);
        return text.startsWith(THERE) ? Optional.of(text.substring(THERE.length())) : Optional.empty();
    }

    public static Message request() {
        return REQUEST;
    }

    static boolean isRequest(Message message) {
        return REQUEST.getContent().equals(message.getContent());
    }

    static Message reply(long keys) {
        return Message.valueOf(Long.toString(keys));
    }

    public static long keysOf(Message reply) {
        return Long.parseLong(reply.getContent().toString(StandardCharsets.UTF_8));
    }
}
