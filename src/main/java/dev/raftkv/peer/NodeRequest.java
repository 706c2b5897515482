package dev.raftkv.peer;

import java.time.Duration;
import java.util.Map;

/**
 * What another node is asked.
 *
 * @param url absolute
 * @param headers beside those that say how long the body is, and that it is JSON
 * @param body not to be changed; not sent with GET and HEAD
 * @param connect how long it may take until there is a connection
 * @param silence how long the other node may send nothing, before its answer and within it
 */
public record NodeRequest(
        String method, String url, Map<String, String> headers, byte[] body, Duration connect, Duration silence) {
    boolean hasBody() {
        return !method.equals("GET") && !isHead();
    }

    boolean isHead() {
        return method.equals("HEAD");
    }
}
