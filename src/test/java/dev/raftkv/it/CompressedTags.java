package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import java.io.IOException;
import java.time.Duration;

/** What compresses answers changes their tags too, as RFC 9110 wants it; clients send back what they got. */
final class CompressedTags {
    private static final Http HTTP = Http.plain(Duration.ofSeconds(20));
    private static final String[] GZIP = {"Accept-Encoding", "gzip"};
    private static final String LONG = "\"" + "x".repeat(2000) + "\"";

    private CompressedTags() {}

    /** @param url of a key, as clients reach it */
    static void check(String url) throws IOException {
        assertEquals(200, HTTP.put(url, LONG).status());
        Reply plain = HTTP.get(url);
        Reply compressed = HTTP.get(url, GZIP);
        assertEquals("gzip", compressed.headers().firstValue("Content-Encoding").orElse("none"));
        String tag = tag(compressed);
        assertNotEquals(tag(plain), tag);

        assertEquals(304, HTTP.get(url, "If-None-Match", tag, GZIP[0], GZIP[1]).status(), tag);
        Reply changed = HTTP.put(url, "2", "If-Match", tag);
        assertEquals(200, changed.status(), () -> tag + ": " + changed);
        Reply stale = HTTP.put(url, "3", "If-Match", tag);
        assertEquals(412, stale.status(), () -> tag + ": " + stale);
        assertEquals(200, HTTP.get(url, "If-None-Match", tag, GZIP[0], GZIP[1]).status(), tag);
    }

    private static String tag(Reply reply) {
        return reply.headers().firstValue("ETag").orElseThrow();
    }
}
