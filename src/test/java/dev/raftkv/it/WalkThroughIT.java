package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.ServerCluster;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The story that users of raft-sample know, from three lone nodes to the loss of the leader. */
final class WalkThroughIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final Http http = Http.plain(Duration.ofSeconds(30));
    private final Http curl = Http.following(Duration.ofSeconds(10));

    @ParameterizedTest
    @EnumSource(Container.class)
    void threeServersBecomeOneClusterThatSurvivesRestartsAndTheLossOfItsLeader(Container container) throws IOException {
        String name = "walk-through-" + container.name().toLowerCase(Locale.ROOT);
        try (ServerCluster cluster = ServerCluster.start(container, name)) {
            joinAsTheSampleSays(cluster);
            storeReadDelete(cluster);
            answerPlainRequestsLikeAllOthers(cluster);
            new ServedPages(http, cluster.url(0, "")).check();
            takeAnyKeyAsAParameter(cluster);
            refuseAPathThatBeginsWithTwoSlashes(cluster);
            keepSlashesInAKey(cluster);
            refuseBeforeTheBodyHasCome(cluster);
            keepTheLauncherToItself(cluster);
            surviveARestartOfAll(cluster);
            surviveTheLossOfTheLeader(cluster);
        }
    }

    /** The sample starts node2 and joins it as node_2. */
    private void joinAsTheSampleSays(ServerCluster cluster) throws IOException {
        for (int node = 1; node < ServerCluster.SIZE; node++) {
            String wrongId = "node_" + (node + 1);
            Reply reply = cluster.join(node, wrongId);
            assertEquals(200, reply.status(), reply::toString);
            JsonNode body = reply.json();
            assertEquals(
                    "node " + cluster.spec(node).nodeId() + " at "
                            + cluster.spec(node).raftAddress() + " joined successfully",
                    body.path("message").asText());
            assertTrue(body.path("warning").asText().contains(cluster.spec(node).nodeId()), reply::toString);
            assertEquals("Leader", body.path("data").path("state").asText());
        }
        assertEquals(0, cluster.awaitLeader());
        for (int node = 0; node < ServerCluster.SIZE; node++) {
            JsonNode stats = cluster.stats(node);
            assertEquals(node == 0 ? "Leader" : "Follower", stats.path("state").asText());
            assertEquals(2, stats.path("num_peers").asInt());
        }
    }

    private void storeReadDelete(ServerCluster cluster) throws IOException {
        store(cluster, 0, "key", "\"value\"");
        for (int node = 0; node < ServerCluster.SIZE; node++) {
            awaitValue(cluster, node, "key", "\"value\"");
        }
        Reply redirect = http.post(cluster.url(1, "/store"), "{\"key\": \"key\", \"value\": 2}");
        assertEquals(307, redirect.status(), redirect::toString);
        assertEquals(
                cluster.url(0, "/store"),
                redirect.headers().firstValue("Location").orElse("none"));
        store(cluster, 1, "kept", "{\"b\": 1.50, \"a\": [null]}");

        Reply deleted = http.delete(cluster.url(0, "/store/key"));
        assertEquals(200, deleted.status(), deleted::toString);
        assertEquals("success removing data", deleted.json().path("message").asText());
        for (int node = 0; node < ServerCluster.SIZE; node++) {
            String url = cluster.url(node, "/store/key");
            eventually(SOON, () -> assertEquals(404, http.get(url).status()));
        }
    }

    /** Plain requests take a shorter way through the node: see Shortcut. The second form of each takes the long one. */
    private void answerPlainRequestsLikeAllOthers(ServerCluster cluster) throws IOException {
        for (String body : List.of(
                "{\"key\": \"a/b.c:d\", \"value\": {\"clé\": 1e400}}",
                "{\"key\": \" \", \"value\": 1}",
                "{\"key\"",
                "")) {
            Reply plain = http.post(cluster.url(0, "/store"), body);
            assertEquals(
                    comparable(http.post(cluster.url(0, "/store/"), body), "etag", "store-revision"),
                    comparable(plain, "etag", "store-revision"));
        }
        for (String key : List.of("a/b.c:d", "absent")) {
            Reply plain = http.get(cluster.url(0, "/store/" + key));
            assertEquals(comparable(http.get(cluster.url(0, "/store?key=" + key))), comparable(plain));
        }
    }

    private static String comparable(Reply reply, String... different) {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.putAll(reply.headers().map());
        headers.remove("date");
        List.of(different).forEach(headers::remove);
        return reply.status() + " " + headers + " " + reply.text();
    }

    private void takeAnyKeyAsAParameter(ServerCluster cluster) throws IOException {
        for (String key : List.of("a%2Fb", "a%5Cb", "a%3Bb", "a%2F%2Fb")) {
            Reply stored = http.put(cluster.url(0, "/store?key=" + key), "\"" + key + "\"");
            assertEquals(200, stored.status(), stored::toString);
            Reply read = http.get(cluster.url(0, "/store?key=" + key));
            assertTrue(read.text().contains("\"" + key + "\""), read::toString);
        }
        assertEquals(200, http.get(cluster.url(0, "/store/a/b")).status());
    }

    /** Tomcat lets it through, and to take it as a reference to another server would cut the beginning of the path off. */
    private void refuseAPathThatBeginsWithTwoSlashes(ServerCluster cluster) throws IOException {
        store(cluster, 0, "re/k", "1");
        for (Reply reply : List.of(
                http.delete(cluster.url(0, "//x/store/k")),
                http.put(cluster.url(0, "//x/store/k"), "2"),
                http.get(cluster.url(0, "//x/metrics")))) {
            assertEquals(400, reply.status(), reply::toString);
        }
        Reply kept = http.get(cluster.url(0, "/store/re/k"));
        assertTrue(kept.text().contains("\"value\":1"), kept::toString);
    }

    private void keepSlashesInAKey(ServerCluster cluster) throws IOException {
        for (String path : List.of("two//slashes", "two%2F%2Fslashes", "two%2F/slashes")) {
            Reply reply = http.put(cluster.url(0, "/store/" + path), "1");
            assertEquals(200, reply.status(), reply::toString);
            assertEquals("two//slashes", reply.json().path("data").path("key").asText());
        }
        assertEquals(400, http.get(cluster.url(0, "/store/semi;colon")).status());
    }

    private void refuseBeforeTheBodyHasCome(ServerCluster cluster) throws IOException {
        URI store = URI.create(cluster.url(0, ""));
        EarlyRefusal client = new EarlyRefusal(store.getPort(), store.getPath());
        client.check();
        client.checkThatTheEndOfAListIsSeen();
    }

    /** The WAR is a program too; a server that it is deployed in hands out nothing of that. */
    private void keepTheLauncherToItself(ServerCluster cluster) throws IOException {
        for (String path :
                List.of("/dev/raftkv/launch/Main.class", "/WEB-INF/launch/jvm.options", "/META-INF/MANIFEST.MF")) {
            assertEquals(404, http.get(cluster.url(0, path)).status(), path);
        }
    }

    private void surviveARestartOfAll(ServerCluster cluster) throws IOException {
        cluster.restartAll();
        cluster.awaitLeader();
        for (int node = 0; node < ServerCluster.SIZE; node++) {
            awaitValue(cluster, node, "kept", "{\"b\": 1.50, \"a\": [null]}");
            assertEquals(404, http.get(cluster.url(node, "/store/key")).status());
        }
    }

    private void surviveTheLossOfTheLeader(ServerCluster cluster) throws IOException {
        int killed = cluster.awaitLeader();
        cluster.kill(killed);
        int next = cluster.awaitLeader();
        assertNotEquals(killed, next);
        eventually(SOON, () -> store(cluster, next, "after", "true"));

        cluster.restart(killed);
        awaitValue(cluster, killed, "after", "true");
        awaitValue(cluster, killed, "kept", "{\"b\": 1.50, \"a\": [null]}");
        eventually(
                SOON,
                () -> assertEquals(
                        "Follower", cluster.stats(killed).path("state").asText()));
    }

    private void store(ServerCluster cluster, int node, String key, String value) throws IOException {
        Reply reply = curl.post(cluster.url(node, "/store"), "{\"key\": \"" + key + "\", \"value\": " + value + "}");
        assertEquals(200, reply.status(), reply::toString);
        assertEquals("success persisting data", reply.json().path("message").asText());
    }

    private void awaitValue(ServerCluster cluster, int node, String key, String value) {
        eventually(SOON, () -> {
            Reply reply = http.get(cluster.url(node, "/store/" + key));
            assertEquals(200, reply.status(), reply::toString);
            assertEquals("success fetching data", reply.json().path("message").asText());
            String text = reply.text().replace(" ", "");
            assertTrue(text.contains("\"value\":" + value.replace(" ", "")), reply::toString);
        });
    }
}
