package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.raftkv.rest.RawHttp;
import dev.raftkv.testkit.Alone;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.Nginx;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerCluster;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The nodes behind the nginx of {@code deploy/nginx}. Each test goes on where the one before ended. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Alone
final class NginxIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int READS = 100;

    private static final Http PLAIN = Http.plain(SOON);
    private static final Http FOLLOWING = Http.following(SOON);

    private static ServerCluster cluster;
    private static Nginx nginx;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(Nginx.isInstalled(), "nginx is not installed: apt-get install nginx-light");
        cluster = Nginx.cluster(Container.TOMCAT_11, "nginx-nodes");
        nginx = Nginx.start(Build.directory("nginx"), cluster);
    }

    @AfterAll
    static void stop() {
        if (nginx != null) {
            nginx.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    @Order(1)
    void nodesAreJoinedByHandAndKnowEachOtherByTheirPublicAddresses() throws IOException {
        for (int node = 1; node < ServerCluster.SIZE; node++) {
            NodeSpec spec = cluster.spec(node);
            String body = "{\"node_id\":\"" + spec.nodeId() + "\",\"raft_address\":\"" + spec.raftAddress() + "\"}";
            assertOk(PLAIN.post(nginx.url(0, "/raft/join"), body));
        }
        eventually(SOON, () -> {
            Reply stats = PLAIN.get(nginx.url(2, "/raft/stats"));
            assertEquals("Follower", stats.json().path("data").path("state").asText());
            List<String> addresses = new ArrayList<>();
            stats.json()
                    .path("data")
                    .path("latest_configuration")
                    .forEach(member -> addresses.add(member.path("http_address").asText()));
            assertEquals(
                    IntStream.range(0, ServerCluster.SIZE)
                            .mapToObj(node -> nginx.url(node, ""))
                            .toList(),
                    addresses);
        });
    }

    @Test
    @Order(2)
    void aFollowerSendsWritesToTheLeadersPublicAddress() throws IOException {
        Reply redirect = PLAIN.post(nginx.url(1, "/store"), "{\"key\":\"k\",\"value\":1}");
        assertEquals(307, redirect.status(), redirect::toString);
        assertEquals(
                nginx.url(0, "/store"),
                redirect.headers().firstValue("Location").orElseThrow());
        for (int i = 0; i < 2 * ServerCluster.SIZE; i++) {
            assertOk(FOLLOWING.put(nginx.url("/store/k" + i), "{\"i\": " + i + "}"));
            assertOk(PLAIN.get(nginx.url("/store/k" + i + "?consistency=linearizable")));
        }
        assertOk(PLAIN.put(nginx.url(2, "/store/k"), "2", "Raft-Follower-Writes", "forward"));
    }

    @Test
    @Order(3)
    void thePagesWorkBelowThePublicPath() throws IOException {
        new ServedPages(PLAIN, nginx.url(1, "")).check();
        new ServedPages(PLAIN, nginx.url("")).check();
        assertOk(FOLLOWING.get(nginx.url("").replaceFirst("/$", "")));
        assertOk(FOLLOWING.get(nginx.url(1, "")));
    }

    /** The nodes see the address of the proxy as their browsers' own, with the port that the client has asked. */
    @Test
    @Order(3)
    void aPageOfAnotherSiteChangesNothingThroughTheProxyAndOursDoes() throws IOException {
        URI proxy = URI.create(nginx.url(0, ""));
        RawHttp node = new RawHttp(proxy.getPort(), proxy.getPath());
        String body = "Content-Type: application/json\r\nContent-Length: 1\r\n";
        String ours = "Origin: http://" + proxy.getAuthority() + "\r\nSec-Fetch-Site: same-origin\r\n";
        assertEquals(
                200,
                node.send("PUT", "/store/own", ours + body, new byte[] {'1'}).status());
        String foreign = "Origin: http://evil.example\r\nX-Forwarded-Host: evil.example\r\n";
        for (String path : List.of("/store/own", "/raft/barrier")) {
            RawHttp.Answer refused = node.send("POST", path, foreign + body, new byte[] {'2'});
            assertEquals(403, refused.status(), refused::toString);
        }
        RawHttp.Answer rebound = node.at("evil.example").send("GET", "/store/own", "Accept-Language: de\r\n");
        assertEquals(421, rebound.status(), rebound::toString);
    }

    @Test
    @Order(4)
    void everyPathReachesTheNodeAsItWasWritten() throws IOException {
        for (String path : List.of(
                "/store/a%2Fb",
                "/store/a//b",
                "/store/a%20b",
                "/store/%C3%BC",
                "/store/100%25",
                "/store/a%3Fb",
                "/store/a+b",
                "/store/a;b",
                "/store?key=a%2Fb//%25",
                "/store?prefix=k&limit=2&keys_only",
                "/v1/kv/a%2Fb",
                "/v1/kv/a//b%25",
                "/no/such/path")) {
            Reply direct = PLAIN.get(cluster.url(0, path));
            for (String url : List.of(nginx.url(0, path), nginx.url(path))) {
                Reply behind = PLAIN.get(url);
                assertEquals(direct.status(), behind.status(), () -> url + ": " + behind);
                if (direct.text().startsWith("{")) {
                    assertEquals(direct.text(), behind.text(), url);
                }
                assertEquals(
                        direct.headers().firstValue("Link"), behind.headers().firstValue("Link"), url);
            }
        }
        Reply outside = new Raw("127.0.0.1").get("/%6bv/node1/store/k");
        assertEquals(400, outside.status(), outside::toString);
        assertTrue(outside.text().contains("no node has this path"), outside::toString);
    }

    @Test
    @Order(5)
    void aTagIsAConditionAlsoBehindCompression() throws IOException {
        CompressedTags.check(nginx.url(0, "/store/tagged"));
    }

    @Test
    @Order(6)
    void theNodesSayWhatIsTooLarge() throws IOException {
        int max = 1024 * 1024;
        String largest = "\"" + "x".repeat(max - 2) + "\"";
        assertOk(FOLLOWING.put(nginx.url("/store/large"), largest));
        assertOk(PLAIN.get(nginx.url("/store/large?consistency=linearizable")));
        Reply refused = PLAIN.put(nginx.url(0, "/store/large"), largest + " ".repeat(100_000));
        assertEquals(413, refused.status(), refused::toString);
        assertTrue(error(refused).contains("the body is too large: the limit is"), refused::toString);
        Reply huge = PLAIN.put(nginx.url(0, "/store/large"), "x".repeat(10 * max));
        assertEquals(413, huge.status(), huge::toString);
        assertEquals("the request is too large: no node takes so much", error(huge));
    }

    @Test
    @Order(7)
    void eventsComeAsTheyHappenAndAreResumed() throws Exception {
        EventClient client = new EventClient();
        List<String> seen = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 3; i++) {
            int wanted = i + 1;
            // The first begins at the change that it sees; the others go on behind the last that was seen.
            CompletableFuture<Integer> watch = CompletableFuture.supplyAsync(() -> {
                try {
                    return client.read(
                            nginx.url("/watch?key=watched"),
                            () -> seen.size() >= wanted,
                            event -> seen.add(event.data()));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            int value = i;
            if (i == 0) {
                eventually(SOON, () -> assertEquals(1, watches()));
            }
            assertOk(FOLLOWING.put(nginx.url("/store/watched"), "" + value));
            assertEquals(200, watch.get(5, TimeUnit.SECONDS));
            assertTrue(seen.get(i).contains("\"value\":" + i), seen::toString);
        }
        assertEquals(3, seen.size(), seen::toString);
        assertOk(PLAIN.get(nginx.url("/watch?key=watched&wait=1s")));
    }

    private static int watches() throws IOException {
        int watches = 0;
        for (int node = 0; node < ServerCluster.SIZE; node++) {
            watches += PLAIN.get(cluster.url(node, "/metrics"))
                    .text()
                    .lines()
                    .filter(line -> line.startsWith("raftkv_watches "))
                    .mapToInt(line -> (int) Double.parseDouble(line.split(" ")[1]))
                    .sum();
        }
        return watches;
    }

    @Test
    @Order(8)
    void administrationIsForAllowedAddressesHoweverItIsWritten() throws IOException {
        Raw stranger = new Raw("127.0.0.2");
        for (String path : List.of(
                "/kv/metrics",
                "/kv/node1/metrics",
                "/kv/node1/metrics/",
                "/kv/raft/join",
                "/kv/node2/raft/remove",
                "/kv/node2/raft/barrier",
                "/kv/node2/raft/announce",
                "/kv/node2/x/../raft/remove",
                "/kv/node2/%72aft/remove",
                "/kv/node2/raft%2Fremove")) {
            Reply refused = stranger.get(path);
            assertEquals(403, refused.status(), () -> path + ": " + refused);
            assertTrue(error(refused).contains("for administrators only"), path);
        }
        for (String trick : List.of(
                "/kv/node2/metrics;x",
                "/kv/node2//metrics",
                "/kv/node2//x/metrics",
                "/kv//x/metrics",
                "/kv/node2//x/raft/remove",
                "/kv/node2///raft/remove")) {
            Reply refused = stranger.get(trick);
            assertEquals(400, refused.status(), () -> trick + ": " + refused);
        }
        assertEquals(200, stranger.get("/kv/raft/stats").status());
        assertOk(PLAIN.get(nginx.url("/metrics")));
    }

    @Test
    @Order(9)
    void aDeadNodeIsPassedOverByReadsAndNoWriteIsSentTwice() throws IOException {
        assertOk(FOLLOWING.put(nginx.url("/store/count"), "0"));
        cluster.kill(cluster.awaitLeader());
        for (int i = 0; i < READS; i++) {
            assertOk(PLAIN.get(nginx.url("/store/k0")));
        }
        cluster.awaitLeader();
        int answered = 0;
        int unknown = 0;
        for (int i = 0; i < READS; i++) {
            Reply reply = FOLLOWING.put(nginx.url("/store/count"), "" + i);
            if (reply.status() == 200) {
                answered++;
            } else {
                assertEquals(504, reply.status(), reply::toString);
                assertTrue(error(reply).contains("may have happened or not"), reply::toString);
                unknown++;
            }
        }
        assertTrue(answered >= READS - 5, "answered: " + answered);
        Reply list = PLAIN.get(nginx.url("/store?prefix=count&consistency=linearizable"));
        int version = list.json().path("data").path(0).path("version").asInt();
        assertTrue(version > answered && version <= 1 + answered + unknown, () -> "version: " + version);
    }

    @Test
    @Order(10)
    void withoutANodeReadsAreUnavailableAndWritesUnknown() throws IOException {
        for (int node : cluster.running()) {
            cluster.kill(node);
        }
        for (String url : List.of(nginx.url("/store/k"), nginx.url(0, "/"), nginx.url("/watch?key=k"))) {
            Reply read = PLAIN.get(url);
            assertEquals(503, read.status(), read::toString);
            assertEquals("no node answers: nothing was changed; try again in a moment", error(read));
            assertEquals("1", read.headers().firstValue("Retry-After").orElseThrow());
        }
        for (Reply again : List.of(
                PLAIN.get(nginx.url("/v1/kv/k?index=7&wait=10m")),
                PLAIN.put(nginx.url(0, "/v1/kv/k"), "1"),
                PLAIN.delete(nginx.url("/v1/kv/k")))) {
            assertEquals(500, again.status(), again::toString);
            assertEquals("no node answers", again.text());
            assertEquals(
                    "text/plain; charset=utf-8",
                    again.headers().firstValue("Content-Type").orElseThrow());
        }
        for (Reply write : List.of(
                PLAIN.put(nginx.url("/store/k"), "1"),
                PLAIN.post(nginx.url("/store"), "{}"),
                PLAIN.delete(nginx.url(1, "/store/k")),
                PLAIN.post(nginx.url("/raft/join"), "{}"))) {
            assertEquals(504, write.status(), write::toString);
            assertEquals(504, write.json().path("status").asInt());
            assertEquals(
                    "application/problem+json",
                    write.headers().firstValue("Content-Type").orElseThrow());
        }
    }

    @Test
    void theNodesMayHaveAContextPathOfTheirOwn() throws IOException {
        Path directory = Build.directory("nginx-context");
        List<Integer> ports = FreePorts.take(5);
        NodeSpec spec = new NodeSpec("node1", ports.get(0), ports.get(1), directory.resolve("data"));
        try (ServerProcess node = ServerProcess.start(new ExecutableWar(Build.war(), Build.deploy())
                        .node(spec, directory, "--context-path=/raftkv"));
                Nginx proxy = Nginx.start(
                        directory.resolve("nginx"),
                        ports.get(2),
                        List.of(ports.get(0), ports.get(3), ports.get(4)),
                        "/raftkv")) {
            node.awaitOk(spec.url("/raftkv/health/ready"), SOON);
            new ServedPages(PLAIN, proxy.url(0, "")).check();
            assertOk(PLAIN.put(proxy.url(0, "/store/k"), "1"));
            assertOk(PLAIN.get(proxy.url("/store/k")));
        }
    }

    private static void assertOk(Reply reply) {
        assertEquals(200, reply.status(), () -> reply.uri() + ": " + reply);
    }

    private static String error(Reply reply) throws IOException {
        return reply.json().path("error").asText();
    }

    /** Sends a path as it stands, from an address of this machine. */
    private record Raw(String from) {
        Reply get(String path) throws IOException {
            String address = nginx.url("").replaceFirst("http://", "").replaceFirst("/.*", "");
            int port = Integer.parseInt(address.split(":")[1]);
            try (Socket socket = new Socket("127.0.0.1", port, InetAddress.getByName(from), 0)) {
                socket.setSoTimeout((int) SOON.toMillis());
                String request = "GET " + path + " HTTP/1.0\r\nHost: " + address + "\r\n\r\n";
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                int status = Integer.parseInt(answer.split(" ")[1]);
                return new Reply(null, status, null, answer.substring(answer.indexOf("\r\n\r\n") + 4));
            }
        }
    }
}
