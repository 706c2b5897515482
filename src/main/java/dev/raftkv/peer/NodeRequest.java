package dev.raftkv.peer;

import java.time.Duration;
import java.util.Map;

/**
 * What another node is asked.
 *
 * @param target path and query under its context root, with the slash in front
 * @param headers beside those that say how long the body is, that it is JSON, and who asks
 * @param body not to be changed; not sent with GET and HEAD
 * @param connect how long it may take until there is a connection
 * @param silence how long the other node may send nothing, before its answer and within it
 */
public record NodeRequest(
        String method,
        Peer to,
        String target,
        Map<String, String> headers,
        byte[] body,
        Duration connect,
        Duration silence) {
    private static final byte[] NOTHING = {};

    String url() {
        return to.address() + target;
    }

    /** What is sent behind the head. */
    byte[] sent() {
        return hasBody() ? body : NOTHING;
    }

    boolean hasBody() {
        return !method.equals("GET") && !isHead();
    }

    boolean isHead() {
        return method.equals("HEAD");
    }
}
