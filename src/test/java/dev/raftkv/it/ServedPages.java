package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The pages as a container serves them, under whatever context path. */
final class ServedPages {
    private static final Pattern LINK = Pattern.compile("(?:href|src)=\"([^\"#]+)\"");
    private static final List<String> NOT_SERVED = List.of(
            "/index.html",
            "/api/index.html",
            "/WEB-INF/web.xml",
            "/META-INF/MANIFEST.MF",
            "/dev/raftkv/launch/Main.class",
            "/page.css/",
            "/favicon.ico");

    private final Http http;
    private final String root;

    /** @param root the URL of the context, without a slash at its end */
    ServedPages(Http http, String root) {
        this.http = http;
        this.root = root;
    }

    void check() throws IOException {
        checkPage(root + "/", "text/html");
        checkPage(root + "/api/", "text/html");
        assertEquals("3.1.1", get(root + "/openapi.json").json().path("openapi").asText());
        Reply moved = http.get(root + "/api");
        assertEquals(301, moved.status(), moved::toString);
        assertEquals(
                root + "/api/",
                URI.create(root + "/api")
                        .resolve(moved.headers().firstValue("Location").orElseThrow())
                        .toString());
        checkOthers();
    }

    /** The page, and all that it refers to, by URLs relative to it. */
    private void checkPage(String url, String type) throws IOException {
        Reply page = get(url);
        assertHeader(page, "Content-Type", type);
        assertHeader(page, "Content-Security-Policy", "default-src 'none'; script-src 'self';");
        assertHeader(page, "Content-Security-Policy", "frame-ancestors 'none'");
        assertHeader(page, "X-Content-Type-Options", "nosniff");
        assertHeader(page, "Referrer-Policy", "same-origin");
        assertHeader(page, "Cross-Origin-Resource-Policy", "same-origin");
        assertEquals(1, page.headers().allValues("Content-Security-Policy").size(), page::toString);
        String tag = page.headers().firstValue("ETag").orElseThrow();
        assertEquals(304, http.get(url, "If-None-Match", tag).status());
        Matcher link = LINK.matcher(page.text());
        int links = 0;
        while (link.find()) {
            URI target = URI.create(url).resolve(link.group(1));
            assertTrue(target.toString().startsWith(root + "/"), target::toString);
            assertEquals(200, http.get(target.toString()).status(), target::toString);
            links++;
        }
        assertTrue(links > 6, () -> "links of " + page.text());
    }

    private void checkOthers() throws IOException {
        for (String path : NOT_SERVED) {
            Reply reply = http.get(root + path);
            assertEquals(404, reply.status(), () -> path + ": " + reply);
        }
        Reply refused = http.post(root + "/", "{}");
        assertEquals(405, refused.status(), refused::toString);
        assertTrue(refused.json().path("error").asText().contains("it takes GET, HEAD"), refused::toString);
    }

    private Reply get(String url) throws IOException {
        Reply reply = http.get(url);
        assertEquals(200, reply.status(), reply::toString);
        return reply;
    }

    private static void assertHeader(Reply reply, String name, String part) {
        String value = reply.headers().firstValue(name).orElse("none");
        assertTrue(value.contains(part), () -> name + ": " + value);
    }
}
