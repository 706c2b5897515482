package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * What an administrator does on the page of a node: members, backups, and a look inside. Each test goes on where the one before
 * ended.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class PageOperationsIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    /** What fetch reports of a refusal; the page tells it in words. */
    private static final String REFUSED = "network: .*the server responded with a status of 4(09|22) .*";

    private static final Http HTTP = Http.following(SOON);

    private static Path files;
    private static ServerCluster cluster;
    private static NodeSpec fourth;
    private static ServerProcess fourthServer;
    private static Browser browser;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(
                Browser.isInstalled(),
                "chromium and chromedriver are not installed: apt-get install chromium chromium-driver");
        files = Files.createDirectories(Build.directory("page-operations-files"));
        Path directory = Build.directory("page-operations-node4");
        List<Integer> ports = FreePorts.take(2);
        fourth = new NodeSpec("node4", ports.get(0), ports.get(1), directory.resolve("data"));
        fourthServer = ServerProcess.start(Container.JETTY_12_1.node(fourth, Files.createDirectories(directory)));
        cluster = ServerCluster.start(Container.JETTY_12_1, "page-operations");
        cluster.joinAll();
        fourthServer.awaitOk(fourth.url("/health/ready"), SOON);
        browser = Browser.start(Build.directory("page-operations-browser"));
        browser.downloadInto(files);
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (fourthServer != null) {
            fourthServer.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    @Order(1)
    void aLearnerIsJoinedAndSeenToCatchUp() throws IOException {
        put("app/1", "1");
        put("app/2", "2");
        put("other", "true");
        browser.open(cluster.url(0, "/"));
        browser.awaitText("#quorum", "3 voters");
        browser.click("#join-fold summary");
        browser.fill("#join-id", "node4");
        browser.fill("#join-address", fourth.raftAddress());
        browser.choose("#join-suffrage", "learner");
        browser.click("#join button");
        browser.awaitText("#confirm", "Join node4 as a learner?");
        browser.click("#confirm-yes");

        browser.awaitText("#join-answer", "node4");
        browser.awaitText("#join-answer", "joined successfully");
        browser.awaitText(card("node4"), "none, a learner");
        browser.awaitText(card("node4") + " .role", "Learner");
        eventually(SOON, () -> {
            String reached = browser.text(card("node4") + " .reached");
            assertTrue(reached.matches("([0-9]+) of \\1"), reached);
        });
        browser.awaitText("#quorum", "3 voters");
        assertEquals(List.of(), browser.complaints());
    }

    @Test
    @Order(2)
    void whoIsDeadIsSeenAndForceIsOfferedOnlyAfterItsRefusal() throws IOException {
        cluster.kill(2);
        browser.awaitText(card("node3") + " .role", "No answer");
        browser.awaitText(card("node3") + " .reason", "/raft/stats did not answer");
        browser.awaitText(card("node3") + " [data-lag]", "silent for");
        assertEquals(0, browser.texts("[data-action=force]").size());

        act("node4", "promote", "Make node4 a voter?");
        browser.awaitText("#members-answer", "Node3 does not answer, so 2 of 3 voters are in touch");
        browser.click("[data-action=force]");
        browser.awaitText("#confirm", "takes writes only while node4 runs");
        browser.click("#confirm-no");
        assertEquals("Learner", suffrage("node4"));
        browser.click("[data-action=force]");
        browser.click("#confirm-yes");
        browser.awaitText("#members-answer", "joined successfully");
        browser.awaitText("#quorum", "4 voters: each write needs 3 of them, a majority. 1 of them is silent.");
        browser.awaitText(card("node4"), "Follower");
        act("node3", "remove", "The cluster has 3 voters then, and each write needs 2 of them.");
        browser.awaitText("#members-answer", "Node node3 removed successfully.");
        browser.awaitText("#quorum", "3 voters: each write needs 2 of them, a majority. One of them may fail.");
        assertOnlyRefusals();
    }

    @Test
    @Order(3)
    void aPartIsSavedAndPutBack() throws IOException {
        browser.click("#backup-fold summary");
        browser.fill("#backup-prefix", "app/");
        browser.click("#backup button");
        browser.awaitText("#backup-answer", "2 keys of revision 3");
        Path saved = eventually(SOON, () -> {
            try (Stream<Path> all = Files.list(files)) {
                List<Path> found =
                        all.filter(file -> file.toString().endsWith("-3.jsonl")).toList();
                assertEquals(1, found.size(), found::toString);
                return found.get(0);
            }
        });
        List<String> lines = Files.readAllLines(saved);
        assertEquals(4, lines.size(), lines::toString);

        put("app/1", "\"changed\"");
        put("app/3", "3");
        Path cut = Files.write(files.resolve("cut.jsonl"), lines.subList(0, 3));
        Path none = Files.writeString(files.resolve("none.txt"), "something else\n");
        browser.type("#restore-file", none.toString());
        browser.awaitText("#restore-plan", "The file none.txt does not begin as a backup of raftkv does");
        assertFalse(isEnabled("#restore-go"));

        choose(cut);
        browser.awaitText("#restore-plan", "cut.jsonl has 2 keys of revision 3, those that start with app/.");
        browser.awaitText(
                "#restore-plan", "replaces the keys that start with app/, 3 now, by those of the backup. All other");
        replace();
        browser.awaitText("#restore-answer", "422 Unprocessable Content");
        assertEquals("\"changed\"", value("app/1"));
        assertOnlyRefusals();

        refuseOnce();
        choose(saved);
        browser.awaitText("#restore-plan", saved.getFileName().toString());
        replace();
        browser.awaitText("#restore-answer", "Restored 2 keys: the store is at revision");
        assertEquals("1", value("app/1"));
        assertEquals(404, HTTP.get(cluster.url(0, "/store/app/3")).status());
        assertEquals("true", value("other"));
        assertEquals(List.of(), browser.complaints());
    }

    @Test
    @Order(4)
    void theLogIsReadBackToItsFirstEntryAndCutByASnapshot() throws IOException {
        for (int i = 0; i < 25; i++) {
            put("log/" + i, "\"" + "v".repeat(100) + "\"");
        }
        browser.click("#log-fold summary");
        browser.awaitText("#log-answer", "20 entries, the newest first.");
        browser.awaitText("#log-rows", "put log/24 = \"vvv");
        while (browser.eval("return !document.getElementById('log-older').hidden")
                .asBoolean()) {
            int before = browser.texts("#log-rows tr").size();
            browser.click("#log-older");
            eventually(SOON, () -> assertTrue(browser.texts("#log-rows tr").size() > before));
        }
        List<String> entries = browser.texts("#log-rows tr td:first-child");
        assertEquals("0", entries.get(entries.size() - 1));
        assertEquals(entries.size(), Integer.parseInt(entries.get(0)) + 1);
        browser.awaitText("#log-rows", "members: node1, node2, node4");
        browser.awaitText("#log-rows", "restore ends, 2 keys take their place");

        browser.click("#snapshot-form button");
        browser.awaitText("#snapshot-answer", "The snapshot is on the disk: it has all up to entry");
        assertEquals(List.of(), browser.complaints());
    }

    @Test
    @Order(5)
    void eventsGoOnWhereTheyWereInterrupted() throws IOException {
        browser.click("#events-fold summary");
        browser.awaitText("#events-answer", "Live.");
        browser.awaitText("#events", "snapshot taken, up to entry");

        browser.click("#events-fold summary");
        Reply led = HTTP.post(cluster.url(0, "/raft/transfer"), "{\"node_id\": \"node2\"}");
        assertEquals(200, led.status(), led::toString);
        browser.click("#events-fold summary");
        browser.awaitText("#events", "node2 leads in term");
        List<String> kinds = browser.texts("#events [data-kind=snapshot], #events [data-kind=gap]");
        assertEquals(1, kinds.size(), kinds::toString);

        browser.awaitText("#restore-elsewhere", "do it at node2");
        assertFalse(isEnabled("#restore-file"));
        act("node1", "lead", "Let node1 lead?");
        browser.awaitText("#members-answer", "Node node1 leads now.");
        browser.awaitText("#role", "Leader");
        browser.awaitText("#events", "is leader in term");

        cluster.stop(0);
        browser.awaitText("#events-answer", "Interrupted:");
        cluster.restart(0);
        browser.awaitText("#events-answer", "Live.");
        browser.awaitText("#events", "Events in between are lost");
    }

    private static String card(String member) {
        return "[data-member=" + member + "]";
    }

    private static void act(String member, String action, String question) throws IOException {
        browser.click(card(member) + " [data-action=" + action + "]");
        browser.awaitText("#confirm", question);
        browser.click("#confirm-yes");
    }

    /** The next restore of the page is answered so by its browser, and reaches no node. */
    private static void refuseOnce() throws IOException {
        browser.eval("""
                const fetched = window.fetch;
                window.fetch = async (url, options) => {
                  if (!String(url).includes('/restore?')) {
                    return fetched(url, options);
                  }
                  window.fetch = fetched;
                  return new Response('{}', { status: 503, headers: { 'Retry-After': '1' } });
                };
                return true;""");
    }

    private static void choose(Path backup) throws IOException {
        browser.type("#restore-file", backup.toString());
        eventually(SOON, () -> assertTrue(isEnabled("#restore-go")));
    }

    /** Nothing happens before the word is typed. */
    private static void replace() throws IOException {
        browser.click("#restore-go");
        browser.awaitText("#confirm", "Type replace to confirm");
        browser.type("#confirm-word", "replac");
        assertFalse(isEnabled("#confirm-yes"));
        browser.type("#confirm-word", "e");
        browser.click("#confirm-yes");
    }

    private static boolean isEnabled(String css) throws IOException {
        return browser.eval("return !document.querySelector('" + css + "').matches(':disabled')")
                .asBoolean();
    }

    private static String suffrage(String member) throws IOException {
        for (JsonNode each : cluster.stats(0).path("latest_configuration")) {
            if (each.path("node_id").asText().equals(member)) {
                return each.path("suffrage").asText();
            }
        }
        return "none";
    }

    private static void put(String key, String json) throws IOException {
        Reply reply = HTTP.put(cluster.url(0, "/store/" + key), json);
        assertEquals(200, reply.status(), reply::toString);
    }

    private static String value(String key) throws IOException {
        return HTTP.get(cluster.url(0, "/store/" + key + "?raw")).text();
    }

    private static void assertOnlyRefusals() throws IOException {
        List<String> complaints = browser.complaints();
        assertTrue(complaints.stream().allMatch(complaint -> complaint.matches(REFUSED)), complaints::toString);
    }
}
