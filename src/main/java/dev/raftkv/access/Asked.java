package dev.raftkv.access;

import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What is asked, as both sides see it: a proxy between them may know the node under another path.
 *
 * @param target path and query under the context root, as they are sent, with the slash in front
 * @param headers gives the value of a header field, its lines joined by commas; null if there is none
 */
public record Asked(String method, String target, UnaryOperator<String> headers) {
    /** The header fields that a seal covers, because they change what is asked, or who asks. */
    private static final List<String> COVERED =
            List.of("If-Match", "If-None-Match", "Idempotency-Key", Seals.CALLER, Seals.CLUSTER);

    String header(String name) {
        return headers.apply(name);
    }

    Hmac addTo(Hmac hmac) {
        hmac.add(method).add(target);
        COVERED.forEach(name -> hmac.add(header(name)));
        return hmac;
    }
}
