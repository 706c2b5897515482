package dev.raftkv.rest.browser;

import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.request.Headers;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Set;

/**
 * The other sites whose pages may use this node, and what their browsers are told (the CORS protocol of the Fetch standard).
 *
 * <p>Browsers are never told that they may send what they know of their user: passwords, certificates, cookies. They send it all
 * the same with what any page can ask for without a question before, so no change is taken that looks like that.
 */
final class Origins {
    private static final String ANY = "*";
    private static final String METHODS = "GET, HEAD, POST, PUT, DELETE";

    /** What pages may send, beside what all may. */
    private static final String SENT = String.join(
            ", ",
            Headers.AUTHORIZATION,
            Headers.CONTENT_TYPE,
            Headers.IDEMPOTENCY_KEY,
            Headers.IF_MATCH,
            Headers.IF_NONE_MATCH,
            Headers.LAST_EVENT_ID,
            Headers.FOLLOWER_WRITES);

    /** What pages may read, beside what all may. */
    private static final String SHOWN = String.join(
            ", ",
            Headers.ALLOW,
            Headers.CONTENT_DISPOSITION,
            Headers.ETAG,
            Headers.LINK,
            Headers.LOCATION,
            Headers.CONSISTENCY,
            Headers.NODE,
            Headers.RETRY_AFTER,
            Headers.REVISION,
            Headers.TTL,
            Headers.WWW_AUTHENTICATE);

    /** The longest that a browser remembers what it was told: two hours. */
    private static final int SECONDS = 7200;

    private static final String APPLICATION = "application/";
    private static final String FORM = "application/x-www-form-urlencoded";

    private final Set<String> known;

    /** @param known as browsers write them, or {@code *} alone, which is all; none: no other site */
    Origins(List<String> known) {
        this.known = Set.copyOf(known);
    }

    boolean areNone() {
        return known.isEmpty();
    }

    /** @param origin of a page, as its browser says; null if none says so */
    boolean have(String origin) {
        return origin != null && (known.contains(origin) || known.contains(ANY));
    }

    /** Says that the answer is another one for other pages: it might be kept on the way. */
    static void mark(HttpServletResponse response) {
        response.addHeader(Headers.VARY, Headers.ORIGIN);
    }

    /** Lets a page of one of them read an answer, whatever that will be. */
    void open(HttpServletResponse response, String origin) {
        response.setHeader("Access-Control-Allow-Origin", known.contains(ANY) ? ANY : origin);
        response.setHeader("Access-Control-Expose-Headers", SHOWN);
    }

    /** Whether a browser asks if a page may ask for something. */
    static boolean isQuestion(HttpServletRequest request) {
        return request.getMethod().equals("OPTIONS") && request.getHeader("Access-Control-Request-Method") != null;
    }

    static Answer yes() {
        return Answer.empty(204)
                .header("Access-Control-Allow-Methods", METHODS)
                .header("Access-Control-Allow-Headers", SENT)
                .header("Access-Control-Max-Age", SECONDS);
    }

    /** Whether a browser must have asked before it sent such a change. Forms and the like need no question. */
    static boolean wereAskedFor(HttpServletRequest change) {
        if (!change.getMethod().equals("POST")) {
            return true;
        }
        String type = change.getHeader(Headers.CONTENT_TYPE);
        return type != null && begins(type, APPLICATION) && !begins(type, FORM);
    }

    private static boolean begins(String text, String start) {
        return text.regionMatches(true, 0, start, 0, start.length());
    }
}
