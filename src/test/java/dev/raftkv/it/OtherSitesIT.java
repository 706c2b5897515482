package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import dev.raftkv.testkit.Browser;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerCluster;
import dev.raftkv.testkit.ServerCommand;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Pages of other sites in a real browser, before three real nodes that were told of one of them. Each test goes on where the one
 * before ended.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class OtherSitesIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Http HTTP = Http.following(SOON);
    private static final byte[] PAGE =
            "<!doctype html><html lang=en><title>app</title><link rel=icon href=data:,>".getBytes(UTF_8);

    /** Tells what a page gets: the status and the text, or that it gets nothing. */
    private static final String ASK = """
            const ask = (url, init) => fetch(url, init)
              .then(async answer => answer.status + ' ' + await answer.text(), nothing => 'nothing: ' + nothing.name);
            """;

    private static final AtomicReference<String> ORIGINS = new AtomicReference<>("");

    private static HttpServer app;
    private static HttpServer stranger;
    private static ServerCluster cluster;
    private static Browser browser;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(
                Browser.isInstalled(),
                "chromium and chromedriver are not installed: apt-get install chromium chromium-driver");
        app = site();
        stranger = site();
        ORIGINS.set(origin(app));
        cluster = ServerCluster.start(OtherSitesIT::command, "other-sites");
        cluster.joinAll();
        browser = Browser.start(Build.directory("other-sites-browser"));
    }

    private static HttpServer site() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, PAGE.length);
            exchange.getResponseBody().write(PAGE);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static String origin(HttpServer site) {
        return "http://localhost:" + site.getAddress().getPort();
    }

    private static ServerCommand command(NodeSpec node, Path base) throws IOException {
        return new ExecutableWar(Build.war(), Build.deploy()).node(node, base).with("RAFT_CORS_ORIGINS", ORIGINS.get());
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (cluster != null) {
            cluster.close();
        }
        for (HttpServer site : new HttpServer[] {app, stranger}) {
            if (site != null) {
                site.stop(0);
            }
        }
    }

    /** The part of the README that is for pages, with the address of the test's node. */
    private static String example(int node) throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        return readme.substring(readme.indexOf("<!-- page -->"), readme.indexOf("<!-- /page -->"))
                .lines()
                .filter(line -> line.startsWith("    "))
                .map(line -> line.substring(4))
                .collect(Collectors.joining("\n"))
                .replace("http://localhost:2222", cluster.url(node, ""));
    }

    private static String run(String script) throws IOException {
        return browser.eval("return (async () => {\n" + ASK + script + "\n})()").asText();
    }

    private static String show(String script) throws IOException {
        return run("return await ask(" + script + ")");
    }

    private static String value(String key) throws IOException {
        return HTTP.get(cluster.url(0, "/store/" + key + "?consistency=linearizable&raw"))
                .text();
    }

    private static int follower() {
        return (cluster.awaitLeader() + 1) % ServerCluster.SIZE;
    }

    @Test
    @Order(1)
    void thePageOfTheReadmeStoresReadsAndWatchesAtAFollower() throws IOException {
        browser.open(origin(app));
        assertEquals(
                "[\"tea\"]",
                run("window.seen = []; const show = what => window.seen.push(JSON.stringify(what));\n"
                        + example(follower()) + "\nreturn window.seen[0]"));
        assertEquals("[\"tea\"]", value("cart").strip());
        eventually(
                SOON,
                () -> assertEquals(2, browser.eval("return window.seen.length").asInt()));
        HTTP.put(cluster.url(0, "/store/cart"), "[\"tea\", \"jam\"]");
        eventually(
                SOON,
                () -> assertEquals(
                        "[\"tea\",\"jam\"]",
                        browser.eval("return window.seen[2]").asText()));
        assertEquals(List.of(), browser.complaints());
    }

    @Test
    @Order(2)
    void aPageReadsFieldsAndErrorsAndAStreamWithAToken() throws IOException {
        String node = cluster.url(follower(), "");
        String headers = "{ headers: { 'Authorization': 'Bearer of-anybody', 'If-None-Match': '\"0\"' } }";
        assertEquals(
                "\"ETag,Raft-Node,Store-Revision\"",
                run("const answer = await fetch('" + node + "/store/cart', " + headers + ");\n"
                        + "return JSON.stringify(['ETag', 'Raft-Node', 'Store-Revision']"
                        + ".filter(name => answer.headers.get(name)).join())"));
        String gone = show("'" + node + "/store/none', " + headers);
        assertTrue(gone.startsWith("404 {") && gone.contains("\"error\":\"error getting key none"), gone);
        assertEquals(
                "event: put",
                run("const answer = await fetch('" + node + "/watch?key=cart&from_revision=1', " + headers + ");\n"
                        + "const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();\n"
                        + "let text = ''; while (!text.includes('event: ')) text += (await reader.read()).value;\n"
                        + "reader.cancel(); return text.split('\\n').find(line => line.startsWith('event'));"));
        String removed = show("'" + node + "/store/cart', { method: 'DELETE' }");
        assertTrue(removed.startsWith("200 "), removed);
    }

    /** Browsers keep the origin of a page to themselves behind a redirect from one node to another. */
    @Test
    @Order(3)
    void aPageOfANamedSiteIsNotRedirected() throws IOException {
        assertEquals("nothing: TypeError", show(redirected(follower())));
        assertEquals(404, HTTP.get(cluster.url(0, "/store/redirected")).status());
    }

    private static String redirected(int follower) {
        return "'" + cluster.url(follower, "/store/redirected")
                + "', { method: 'PUT', body: '1', headers: { 'Content-Type': 'application/json',"
                + " 'Raft-Follower-Writes': 'redirect' } }";
    }

    @Test
    @Order(4)
    void aPageOfASiteThatWasNotNamedDoesNothing() throws IOException {
        browser.open(origin(stranger));
        String leader = cluster.url(cluster.awaitLeader(), "");
        for (String request : List.of(
                "/store/cart'",
                "/store', { method: 'POST', body: '{\"key\": \"k\", \"value\": 1}',"
                        + " headers: { 'Content-Type': 'application/json' } }",
                "/store', { method: 'POST', body: '{\"key\": \"k\", \"value\": 1}' }",
                "/store/k', { method: 'DELETE' }")) {
            assertEquals("nothing: TypeError", show("'" + leader + request));
        }
        assertEquals(404, HTTP.get(cluster.url(0, "/store/k")).status());
        assertNoSnapshot("{ method: 'POST', mode: 'no-cors', credentials: 'include' }");
    }

    /** What a browser sends without a question. */
    private static void assertNoSnapshot(String request) throws IOException {
        int leader = cluster.awaitLeader();
        int before = cluster.stats(leader).path("last_snapshot_index").asInt();
        assertEquals("nothing: TypeError", show("'" + cluster.url(leader, "/raft/snapshot") + "', " + request));
        assertEquals(before, cluster.stats(leader).path("last_snapshot_index").asInt());
        assertEquals(200, HTTP.post(cluster.url(leader, "/raft/snapshot"), "").status());
        assertTrue(cluster.stats(leader).path("last_snapshot_index").asInt() > before);
    }

    @Test
    @Order(5)
    void aStarLetsAllPagesInAndThemBeRedirected() throws IOException {
        ORIGINS.set("*");
        cluster.restartAll();
        browser.open(origin(stranger));
        int follower = follower();
        eventually(SOON, () -> {
            String redirected = show(redirected(follower));
            assertTrue(redirected.startsWith("200 "), redirected);
        });
        assertEquals("1", value("redirected").strip());
        String read = show("'" + cluster.url(follower, "/store/redirected?raw&consistency=linearizable") + "'");
        assertTrue(read.startsWith("200 1"), read);
        for (String mode : List.of("cors", "no-cors")) {
            assertNoSnapshot("{ method: 'POST', credentials: 'include', mode: '" + mode + "' }");
            HTTP.put(cluster.url(0, "/store/more"), "1");
        }
    }
}
