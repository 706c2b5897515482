package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.testkit.Browser;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerCluster;
import dev.raftkv.testkit.ServerCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The pages of three real nodes in a real browser, as their user sees them. Each test goes on where the one before ended. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class PageIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int PHONE = 360;
    private static final String ENTER = "\uE007";

    /** What fetch reports of answers that are no success; the page tells them in words. */
    private static final String REFUSED = "network: .*the server responded with a status of 4(00|04|12|22) .*";

    /**
     * The text with the least contrast to its ground, as WCAG 2 counts it. Colours with an alpha are laid on what is below
     * them.
     */
    private static final String LEAST_CONTRAST = """
            const parse = colour => { const n = colour.match(/[\\d.]+/g).map(Number);
              return { rgb: n.slice(0, 3), a: n.length > 3 ? n[3] : 1 }; };
            const lay = (top, ground) => top.rgb.map((c, i) => c * top.a + ground[i] * (1 - top.a));
            const ground = e => { if (!e) return [255, 255, 255];
              return lay(parse(getComputedStyle(e).backgroundColor), ground(e.parentElement)); };
            const light = rgb => { const [r, g, b] = rgb.map(c => c / 255)
              .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
              return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
            let least = { ratio: 99, text: '' };
            const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (walk.nextNode()) {
              const e = walk.currentNode.parentElement;
              if (!walk.currentNode.data.trim() || !e.checkVisibility() || e.closest('noscript, option')) continue;
              const back = ground(e);
              const own = parse(getComputedStyle(e).color);
              own.a *= Number(getComputedStyle(e).opacity);
              const [high, low] = [light(lay(own, back)), light(back)].sort((a, b) => b - a);
              const ratio = (high + 0.05) / (low + 0.05);
              if (ratio < least.ratio) least = { ratio, text: walk.currentNode.data.trim() };
            }
            return least;
            """;

    /** What the next server is started with, beside what all have. */
    private static final Map<String, String> WRONG = new ConcurrentHashMap<>();

    private static ServerCluster cluster;
    private static Browser browser;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(
                Browser.isInstalled(),
                "chromium and chromedriver are not installed: apt-get install chromium chromium-driver");
        Path directory = Build.directory("page-browser");
        cluster = ServerCluster.start(PageIT::command, "page");
        browser = Browser.start(directory);
    }

    private static ServerCommand command(NodeSpec node, Path base) throws IOException {
        ServerCommand command = Container.JETTY_12_1.node(node, base);
        for (Map.Entry<String, String> setting : WRONG.entrySet()) {
            command = command.with(setting.getKey(), setting.getValue());
        }
        return command;
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    @Order(1)
    void aLoneLeaderShowsItselfAndJoinsTwoOthers() throws IOException {
        browser.open(cluster.url(0, "/"));
        browser.awaitText("h1", "node1");
        browser.awaitText("#role", "Leader");
        browser.awaitText("#quorum", "A cluster of one");

        join("node_2", cluster.spec(1).raftAddress());
        browser.awaitText("#join-answer", "joined successfully");
        browser.awaitText("#join-answer", "node2");
        join("node3", cluster.spec(2).raftAddress());
        browser.awaitText("#join-answer", "Node node3");
        browser.awaitText("#quorum", "3 voters: each write needs 2");
        eventually(SOON, () -> assertEquals(List.of("node1", "node2", "node3"), browser.texts("#members .name")));
        eventually(SOON, () -> assertEquals(List.of("none", "none", "none"), browser.texts("#members [data-lag]")));
        browser.awaitText("#seen", "node3 is a member");
        assertNoComplaints();
    }

    @Test
    @Order(2)
    void anErrorIsToldInWords() throws IOException {
        join("node4", "nonsense");

        browser.awaitText(
                "#join-answer", "Raft_address is not of the form host:port: nonsense; give it like 127.0.0.1:1112");
        browser.awaitText("#join-answer", "422 Unprocessable Content");
        assertOnlyRefusals();
    }

    @Test
    @Order(3)
    void theKeyboardStoresReadsAndLists() throws IOException {
        browser.fill("#key", "app/db/url");
        browser.fill("#value", "{\"port\": 1.10}");
        browser.type("#store", ENTER);
        browser.awaitText("#key-answer", "Stored app/db/url: it is at revision 1.");
        browser.awaitText("#list-rows", "app/db/url");

        browser.fill("#value", "changed");
        browser.choose("#level", "linearizable");
        browser.type("#key", ENTER);
        browser.awaitText("#key-answer", "app/db/url is at revision 1.");
        browser.awaitText("#key-answer", "read: linearizable");
        assertEquals("{\"port\": 1.10}", value("#value"));
        assertNoComplaints();
    }

    @Test
    @Order(4)
    void aConditionThatDoesNotHoldChangesNothing() throws IOException {
        browser.choose("#condition", "absent");
        browser.fill("#value", "2");
        browser.click("#store");
        browser.awaitText("#key-answer", "412 Precondition Failed");

        browser.choose("#condition", "unchanged");
        browser.awaitText("#condition", "only if it is still at revision 1");
        put("app/db/url", "\"by another\"");
        browser.click("#store");
        browser.awaitText("#key-answer", "412 Precondition Failed");
        browser.click("#read");
        browser.awaitText("#key-answer", "app/db/url is at revision 2.");
        browser.fill("#value", "\"mine\"");
        browser.click("#store");
        browser.awaitText("#key-answer", "it is at revision 3.");
        assertOnlyRefusals();
    }

    @Test
    @Order(5)
    void aLongListHasPages() throws IOException {
        for (int i = 10; i < 35; i++) {
            put("list/" + i, "true");
        }
        browser.fill("#prefix", "list/");
        browser.type("#prefix", ENTER);
        browser.awaitText("#list-answer", "20 keys, and there are more.");
        browser.click("#more");
        browser.awaitText("#list-answer", "5 keys.");
        browser.awaitText("#list-rows", "list/34");
        browser.click("#list-rows .link");
        browser.awaitText("#key-answer", "list/30 is at revision 24.");
        assertNoComplaints();
    }

    @Test
    @Order(6)
    void aFollowersPageDoesTheSame() throws IOException {
        browser.click("#members a");
        eventually(SOON, () -> assertEquals(cluster.url(1, "/"), browser.url()));
        browser.awaitText("#role", "Follower");
        browser.awaitText("#role-text", "the leader, node1");

        browser.fill("#key", "from/a/follower");
        browser.fill("#value", "[1, 2]");
        browser.click("#store");
        browser.awaitText("#key-answer", "Stored from/a/follower");
        browser.awaitText("#key-answer", "Answered by node1, the leader; this node passed it on");
        browser.awaitText("#list-rows", "from/a/follower");
        browser.choose("#level", "leader");
        browser.click("#read");
        browser.awaitText("#key-answer", "read: leader");

        browser.click("#delete");
        browser.awaitText("#confirm", "Delete from/a/follower?");
        browser.click("#confirm-no");
        assertEquals(200, get("/store/from/a/follower").status());
        browser.click("#delete");
        browser.click("#confirm-yes");
        browser.awaitText("#key-answer", "from/a/follower is gone");
        assertNoComplaints();
        browser.click("#read");
        browser.awaitText("#key-answer", "Key not found");
        assertOnlyRefusals();
    }

    @Test
    @Order(7)
    void everyFieldHasALabelAndEveryTextStandsOut() throws IOException {
        for (String path : List.of("/", "/api/")) {
            browser.open(cluster.url(1, path));
            browser.awaitText("h1", path.equals("/") ? "node2" : "The API of raftkv");
            openAll();
            assertEquals(
                    0,
                    browser.eval("return [...document.querySelectorAll('input, select, textarea')]"
                                    + ".filter(field => !field.labels.length).length")
                            .asInt());
            for (String scheme : List.of("dark", "light")) {
                browser.scheme(scheme);
                JsonNode least = browser.eval(LEAST_CONTRAST);
                assertTrue(least.path("ratio").asDouble() >= 4.5, () -> path + " in " + scheme + ": " + least);
            }
        }
        assertNoComplaints();
    }

    @Test
    @Order(8)
    void aPhoneNeedsNoSidewaysScrolling() throws IOException {
        put("a-key-of-" + "many".repeat(40) + "-letters", "1");
        browser.screen(PHONE, 740);
        for (String path : List.of("/", "/api/")) {
            browser.open(cluster.url(0, path));
            browser.awaitText("main", path.equals("/") ? "a-key-of-many" : "POST");
            openAll();
            assertEquals(
                    PHONE,
                    browser.eval("return document.documentElement.scrollWidth").asInt(),
                    path);
        }
        browser.screen(1200, 1000);
        assertNoComplaints();
    }

    @Test
    @Order(9)
    void theApisPageShowsEveryRequest() throws IOException {
        browser.open(cluster.url(0, "/api"));
        browser.awaitText("h1", "The API of raftkv");
        assertEquals(cluster.url(0, "/api/"), browser.url());
        int documented = 0;
        for (JsonNode path : get("/openapi.json").json().path("paths")) {
            for (String method : List.of("get", "post", "put", "delete")) {
                documented += path.has(method) ? 1 : 0;
            }
        }
        assertTrue(documented > 15, "documented: " + documented);
        assertEquals(documented, browser.texts("#contents li").size());
        assertEquals(documented, browser.texts("#groups article").size());
        browser.awaitText("#storeKey", "Idempotency-Key");
        assertNoComplaints();
    }

    @Test
    @Order(10)
    void picturesForTheReadmeAndTheReader() throws IOException {
        put("app/db/user", "\"ada\"");
        for (String scheme : List.of("light", "dark")) {
            browser.scheme(scheme);
            browser.screen(1200, 1000);
            browser.open(cluster.url(0, "/"));
            browser.awaitText("#members", "node3");
            browser.fill("#prefix", "app/");
            browser.type("#prefix", ENTER);
            browser.awaitText("#list-answer", "2 keys.");
            browser.click("#list-rows .link");
            browser.awaitText("#key-answer", "app/db/url is at revision");
            assertPicture(browser.screenshot("node-" + scheme));
            browser.screen(PHONE, 740);
            assertPicture(browser.screenshot("node-phone-" + scheme));
            browser.open(cluster.url(0, "/api/"));
            browser.awaitText("h1", "The API of raftkv");
            assertPicture(browser.screenshot("api-phone-" + scheme));
            browser.screen(1200, 1000);
            assertPicture(browser.screenshot("api-" + scheme));
        }
        assertNoComplaints();
    }

    @Test
    @Order(11)
    void whatClientsOfConsulHaveStoredIsShownAsWhatItIs() throws IOException {
        Http http = Http.plain(SOON);
        String keys = cluster.url(0, "/v1/kv/consul/");
        String session = http.put(cluster.url(0, "/v1/session/create"), "{\"LockDelay\": \"0s\"}")
                .text();
        session = session.substring(session.indexOf(":\"") + 2, session.lastIndexOf('"'));
        assertEquals(
                "true",
                http.put(keys + "text?acquire=" + session, "primary: pg1").text());
        String bytes = "[{\"KV\": {\"Verb\": \"set\", \"Key\": \"consul/bytes\", \"Value\": \"/wAB\"}}]";
        assertEquals(200, http.put(cluster.url(0, "/v1/txn"), bytes).status());
        assertEquals("true", http.put(keys + "json", "{\"a\": 1.10}").text());
        browser.open(cluster.url(0, "/"));
        browser.fill("#prefix", "consul/");
        browser.type("#prefix", ENTER);
        browser.awaitText("#list-answer", "3 keys.");
        browser.awaitText("#list-rows", "consul/bytes bytes");
        browser.awaitText("#list-rows", "consul/text text, of a session");
        assertShown("consul/bytes", "/wAB", "It is bytes and no text");
        assertShown("consul/json", "{\"a\": 1.10}", "consul/json is at revision");
        assertShown("consul/text", "primary: pg1", "Session " + session + " has it, with the token ");
        browser.awaitText("#key-answer", "It is text and no JSON");
        assertPicture(browser.screenshot("node-consul"));
        assertNoComplaints();
        browser.click("#store");
        browser.awaitText("#key-answer", "400 Bad Request");
        assertOnlyRefusals();
        assertEquals(
                "true",
                http.put(cluster.url(0, "/v1/session/destroy/" + session), "").text());
    }

    private static void assertShown(String key, String value, String answer) throws IOException {
        browser.fill("#key", key);
        browser.click("#read");
        browser.awaitText("#key-answer", answer);
        assertEquals(value, value("#value"));
    }

    @Test
    @Order(12)
    void aMemberIsRemovedAndALostNodeIsTold() throws IOException {
        browser.open(cluster.url(1, "/"));
        browser.awaitText("#members", "node3");
        browser.click("[data-member=node3] [data-action=remove]");
        browser.awaitText("#confirm", "Remove node3?");
        browser.awaitText("#confirm", "The cluster has 2 voters then, and each write needs 2 of them.");
        browser.click("#confirm-yes");
        browser.awaitText("#members-answer", "Node node3 removed successfully.");
        browser.awaitText("#quorum", "2 voters");
        browser.awaitText("#seen", "node3 is no member any more");
        assertNoComplaints();

        cluster.stop(1);
        browser.awaitText("#lost", "This node does not answer. What is below is how it was before.");
        cluster.restart(1);
        eventually(
                SOON,
                () -> assertEquals(
                        "none",
                        browser.eval("return getComputedStyle(document.getElementById('lost')).display")
                                .asText()));
        // Of two voters either may win.
        eventually(
                SOON,
                () -> assertEquals(
                        Http.plain(SOON)
                                .get(cluster.url(1, "/raft/stats"))
                                .json()
                                .path("data")
                                .path("state")
                                .asText(),
                        browser.text("#role")));
    }

    @Test
    @Order(13)
    void whatIsWrongIsSeenFirstAndIsTrueWithAnyNumberOfDeadMembers() throws IOException {
        // The node of this page is back for a moment only: a join that it cannot pass on yet is to be asked for again.
        eventually(
                SOON,
                () -> assertEquals(
                        200,
                        Http.plain(SOON)
                                .put(cluster.url(1, "/store/back"), "1", "Raft-Follower-Writes", "forward")
                                .status()));
        join("node3", cluster.spec(2).raftAddress());
        browser.awaitText("#join-answer", "joined successfully");
        browser.awaitText("#quorum", "3 voters");
        int leader = cluster.awaitLeader();
        browser.open(cluster.url(leader, "/"));
        browser.awaitText("#quorum", "One of them may fail.");
        assertEquals(List.of(), browser.texts("#alerts p"));

        int dead = (leader + 1) % 3;
        cluster.kill(dead);
        browser.awaitText(
                "#alerts", "node" + (dead + 1) + " does not answer the leader. None of the others may fail now.");
        browser.awaitText("#quorum", "1 of them is silent. None of the others may fail now.");

        cluster.kill((leader + 2) % 3);
        browser.awaitText(
                "#alerts", "No leader is known here: nothing can be written until 2 of the 3 voters are running");
        browser.awaitText("#role-text", "othing can be written");
        browser.awaitText("#quorum", "No majority is known to be running.");
        assertPicture(browser.screenshot("node-minority"));
    }

    @Test
    @Order(14)
    void aLowDiskAndAnAddressWhereNobodyAnswersAreShown() throws IOException {
        int left = cluster.running().get(0);
        int wrong = (left + 1) % 3;
        String nowhere = "http://127.0.0.1:" + FreePorts.take(1).get(0);
        WRONG.putAll(Map.of("RAFT_MIN_FREE_DISK_MB", "1048576", "RAFT_HTTP_ADDRESS", nowhere));
        cluster.restart(wrong);
        WRONG.clear();
        cluster.restart((left + 2) % 3);

        browser.open(cluster.url(wrong, "/"));
        browser.awaitText("#alerts", "MB left (RAFT_MIN_FREE_DISK_MB)");
        browser.awaitText(
                "#alerts",
                "node" + (wrong + 1) + " does not answer at " + nowhere
                        + ", which its cluster knows as its HTTP address: when it leads, clients are sent nowhere.");
    }

    private static void join(String id, String raftAddress) throws IOException {
        browser.eval("document.getElementById('join-fold').open = true");
        browser.fill("#join-id", id);
        browser.fill("#join-address", raftAddress);
        browser.click("#join button");
        browser.awaitText("#confirm", "Join " + id + " as a voter?");
        browser.click("#confirm-yes");
    }

    private static void openAll() throws IOException {
        browser.eval("document.querySelectorAll('details').forEach(details => details.open = true)");
    }

    private static void put(String key, String json) throws IOException {
        Reply reply = Http.following(SOON).put(cluster.url(0, "/store/" + key), json);
        assertEquals(200, reply.status(), reply::toString);
    }

    private static Reply get(String path) throws IOException {
        return Http.plain(SOON).get(cluster.url(0, path));
    }

    private static String value(String css) throws IOException {
        return browser.eval("return document.querySelector('" + css + "').value")
                .asText();
    }

    private static void assertNoComplaints() throws IOException {
        assertEquals(List.of(), browser.complaints());
    }

    private static void assertOnlyRefusals() throws IOException {
        List<String> complaints = browser.complaints();
        assertTrue(complaints.stream().allMatch(complaint -> complaint.matches(REFUSED)), () -> complaints.toString());
    }

    private static void assertPicture(Path picture) throws IOException {
        assertTrue(Files.size(picture) > 10_000, picture::toString);
    }
}
