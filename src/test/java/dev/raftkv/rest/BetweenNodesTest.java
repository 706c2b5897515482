package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.access.Asked;
import dev.raftkv.access.NodeSecret;
import dev.raftkv.access.SealRefusedException;
import dev.raftkv.access.Seals;
import dev.raftkv.access.TokenFile;
import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Guard;
import dev.raftkv.rest.RestServer.Way;
import dev.raftkv.rest.access.FileLogin;
import dev.raftkv.rest.access.Login;
import dev.raftkv.tls.TestCertificates;
import dev.raftkv.tls.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A leader, a follower that passes writes on, and others that would like to be taken for nodes. */
@ParameterizedClass
@EnumSource(
        value = Way.class,
        names = {"JERSEY", "SHORTCUT"})
class BetweenNodesTest {
    private static final String SECRET = "the secret of all nodes, of 32 bytes or more";
    private static final String OTHER = "another secret, that none of the others has";
    private static final String CLUSTER = "00000000-0000-0001-0000-000000000002";
    private static final String WRITER = "token-of-alice";
    private static final String READER = "token-of-bob";
    private static final String STORE = "{\"key\":\"k\",\"value\":1}";

    @TempDir
    private Path directory;

    @Parameter
    private Way way;

    private TestCertificates certificates;
    private Login login;
    private RestServer leader;
    private RestServer follower;
    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        certificates = TestCertificates.in(directory.resolve("certificates"));
        login = new FileLogin(
                TokenFile.open(write("alice:writer:" + sha256(WRITER) + "\nbob:reader:" + sha256(READER) + "\n")),
                chain -> Optional.empty());
        leader = server("node2", "/leader", SECRET);
        follower = server("node1", "/follower", SECRET);
        follow("node2", leader.address());
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private RestServer server(String nodeId, String context, String secret) throws IOException {
        Seals seals = secret == null ? Seals.none(nodeId) : seals(nodeId, secret);
        RestServer server = new RestServer(
                directory.resolve(nodeId + open.size()),
                context,
                FollowerWrites.FORWARD,
                way,
                new Guard(seals, nodeId, login, Optional.of(Tls.open(certificates.node(nodeId)))));
        open.add(server);
        return server;
    }

    private Seals seals(String nodeId, String secret) throws IOException {
        return new Seals(nodeId, Optional.of(NodeSecret.open(write(secret))), () -> Optional.of(CLUSTER));
    }

    private Path write(String text) throws IOException {
        Path file = Files.createTempFile(
                directory,
                "file",
                "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, text);
    }

    private static String sha256(String text) throws GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    }

    private void follow(String leaderId, String address) {
        follower.replicator.follow(Optional.of(leaderId), Optional.of(address));
    }

    private static String bearer(String token) {
        return "Authorization: Bearer " + token + "\r\n";
    }

    private static Answer store(RestServer node, String headers, String body) {
        byte[] bytes = body.getBytes(UTF_8);
        String all = headers + "Content-Type: application/json\r\nContent-Length: " + bytes.length + "\r\n";
        return node.http().send("POST", "/store", all, bytes);
    }

    private long revision() {
        return leader.replicator.store().position().revision();
    }

    private static void assertSays(int status, String words, Answer answer) {
        assertEquals(status, answer.status(), answer.body());
        assertTrue(answer.body().contains(words), answer.body());
    }

    @Test
    void aForwardedWriteIsDoneInTheNameOfItsCaller() {
        assertEquals(200, store(follower, bearer(WRITER), STORE).status());
        assertEquals(1, revision());
        assertSays(403, "bob has not the role writer", store(follower, bearer(READER), STORE));
        assertSays(401, "this node wants to know who asks", store(follower, "", STORE));
        assertEquals(1, revision());
    }

    @Test
    void aFollowersReadIsConfirmedByTheLeader() {
        follower.replicator.replicate(new Command.Barrier());
        Answer read = follower.http().send("GET", "/store/k?consistency=linearizable", bearer(READER));
        assertSays(404, "k", read);
        assertSays(403, "bob has not the role node", leader.http().send("POST", "/raft/barrier", bearer(READER)));
    }

    /** Each header on its own line, with its end. */
    private static String sealed(Seals by, String addressee, String caller, String body) {
        Map<String, String> headers = new TreeMap<>();
        if (caller != null) {
            headers.put(Seals.CALLER, caller);
        }
        String seal = by.seal(new Asked("POST", "/store", headers::get), body.getBytes(UTF_8), addressee)
                .orElseThrow()
                .text();
        return "Raft-Forwarded: node3\r\n" + Seals.HEADER + ": " + seal + "\r\n"
                + (caller == null ? "" : Seals.CALLER + ": " + caller + "\r\n");
    }

    @Test
    void aForgedForwardedRequestGivesNoRightsAndWritesNothing() throws IOException {
        String says = "Raft-Forwarded: node3\r\nRaft-Caller: eve:admin,writer,node\r\n";
        assertEquals(401, store(leader, says, STORE).status());
        assertSays(403, "bob may not ask for others", store(leader, says + bearer(READER), STORE));

        Seals stranger = seals("node3", OTHER);
        assertSays(
                403,
                "the seal of a node is not made with the secret of node node2",
                store(leader, sealed(stranger, "node2", "eve:admin", STORE), STORE));

        Seals node = seals("node3", SECRET);
        String real = sealed(node, "node2", "bob:reader", STORE);
        assertSays(
                403,
                "or the request was changed on its way",
                store(leader, real.replace("bob:reader", "bob:writer"), STORE));
        assertSays(403, "bob has not the role writer", store(leader, real, STORE));
        assertSays(403, "eve has not the role writer", store(leader, sealed(node, "node2", "eve:node", STORE), STORE));
        assertSays(403, "node3 has not the role writer", store(leader, sealed(node, "node2", null, STORE), STORE));
        assertSays(
                421,
                "this is node node2, and node node1 was asked",
                store(leader, sealed(node, "node1", "alice:writer", STORE), STORE));
        assertEquals(0, revision());
    }

    @Test
    void anotherBodyThanTheSealedOneIsNotCarriedOut() throws IOException {
        String real = sealed(seals("node3", SECRET), "node2", "alice:writer", STORE);
        Answer answer = store(leader, real, STORE.replace('1', '2'));
        assertSays(403, "the body is not the one that node node3 has sealed", answer);
        assertNotNull(answer.header("raft-seal-refused"));
        assertEquals(0, revision());
    }

    @Test
    void aReplayIsRefused() throws IOException {
        String once = sealed(seals("node3", SECRET), "node2", "alice:writer", STORE);
        assertEquals(200, store(leader, once, STORE).status());
        assertSays(403, "has come a second time", store(leader, once, STORE));
        assertEquals(1, revision());
    }

    @Test
    void whatIsForAnotherClusterIsRefusedSealedOrNot() {
        String other = "Raft-Cluster: 00000000-0000-0000-0000-000000000000\r\n";
        assertSays(421, "another cluster", store(leader, bearer(WRITER) + other, STORE));
        assertEquals(
                200,
                store(leader, bearer(WRITER) + "Raft-Cluster: " + CLUSTER + "\r\n", STORE)
                        .status());
    }

    /** Another node's end of a connection, that answers as it is told. */
    private final class Recorder implements AutoCloseable {
        private final ServerSocket server;
        private final CompletableFuture<String> request;

        /** @param answer makes one of the head of the request */
        Recorder(Function<String, String> answer) throws IOException {
            this(new ServerSocket(0, 10, InetAddress.getLoopbackAddress()), answer);
        }

        Recorder(ServerSocket server, Function<String, String> answer) {
            this.server = server;
            request = CompletableFuture.supplyAsync(() -> take(answer));
            open.add(this);
        }

        private String take(Function<String, String> answer) {
            try (Socket connection = server.accept()) {
                connection.setSoTimeout(20_000);
                InputStream in = connection.getInputStream();
                StringBuilder head = new StringBuilder();
                while (head.indexOf("\r\n\r\n") < 0) {
                    head.append((char) in.read());
                }
                String length = header(head.toString(), "Content-Length");
                String body = new String(in.readNBytes(length == null ? 0 : Integer.parseInt(length)), UTF_8);
                connection.getOutputStream().write(answer.apply(head.toString()).getBytes(ISO_8859_1));
                connection.getOutputStream().flush();
                return head + body;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        String address() {
            return (server instanceof SSLServerSocket ? "https" : "http") + "://127.0.0.1:" + server.getLocalPort()
                    + "/announced";
        }

        String request() throws Exception {
            return request.get(20, TimeUnit.SECONDS);
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    private static String header(String head, String name) {
        return head.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse(null);
    }

    private static String answer(int status, String headers, String body) {
        return "HTTP/1.1 " + status + " X\r\nConnection: close\r\n" + headers + "Content-Length: " + body.length()
                + "\r\n\r\n" + body;
    }

    @Test
    void aCallersTokenNeverLeavesForAnAnnouncedAddress() throws Exception {
        Recorder other = new Recorder(head -> answer(200, "Content-Type: application/json\r\n", "{}"));
        follow("node2", other.address());
        String secrets = bearer(WRITER) + "Cookie: session=of-alice\r\nProxy-Authorization: Basic YQ==\r\n"
                + "X-Forwarded-User: alice\r\nIf-None-Match: *\r\n";
        assertEquals(200, store(follower, secrets, STORE).status());

        String request = other.request();
        assertTrue(request.startsWith("POST /announced/store HTTP/1.1\r\n"), request);
        assertEquals("alice:writer", header(request, Seals.CALLER));
        assertEquals(CLUSTER, header(request, Seals.CLUSTER));
        assertEquals("*", header(request, "If-None-Match"));
        assertNotNull(header(request, Seals.HEADER));
        for (String secret : new String[] {"Authorization", "Cookie", "X-Forwarded-User", WRITER, "of-alice", SECRET}) {
            assertFalse(
                    request.toLowerCase(Locale.ROOT).contains(secret.toLowerCase(Locale.ROOT)),
                    () -> secret + " in " + request);
        }
        // What was caught opens no other door, and none a second time.
        String caught = request.lines()
                .filter(line -> line.startsWith("Raft-") || line.startsWith("If-"))
                .map(line -> line + "\r\n")
                .reduce("", String::concat);
        String stolen = "{\"key\":\"stolen\",\"value\":1}";
        assertEquals(403, store(leader, caught, stolen).status());
        assertEquals(421, store(follower, caught, STORE).status());
        assertEquals(0, revision());
    }

    @Test
    void aRefusalOfTheCallerIsRelayedAndOneOfTheNodeIsNot() throws Exception {
        follow("node2", new Recorder(head -> answer(403, "Content-Type: a/b\r\n", "not you, Alice")).address());
        Answer relayed = store(follower, bearer(WRITER), STORE);
        assertSays(403, "not you, Alice", relayed);

        String forged = "Raft-Seal-Refused: " + "0".repeat(64) + "\r\nContent-Type: application/problem+json\r\n";
        String words = "{\"detail\":\"who are you?\"}";
        follow("node2", new Recorder(head -> answer(403, forged, words)).address());
        Answer unknown = store(follower, bearer(WRITER), STORE);
        assertSays(504, "may or may not have been carried out", unknown);
        assertSays(504, "it says: who are you?", unknown);
        assertNull(unknown.header("raft-seal-refused"));

        follow("node2", new Recorder(head -> answer(401, "WWW-Authenticate: Basic realm=\"x\"\r\n", words)).address());
        assertSays(504, "Give all nodes the same RAFT_NODE_SECRET", store(follower, bearer(WRITER), STORE));
    }

    @Test
    void anotherSecretAtTheFollowerIsToldToTheClient() throws IOException {
        follower = server("node1", "/follower", OTHER);
        follow("node2", leader.address());
        assertSays(
                504,
                "the nodes do not know each other: the leader at " + leader.address()
                        + " refuses this node (it says: the seal of a node is not made with the secret of node node2",
                store(follower, bearer(WRITER), STORE));
        Answer read = follower.http().send("GET", "/store/k?consistency=linearizable", bearer(READER));
        assertSays(503, "so this read cannot be linearizable now", read);
        assertSays(503, "Give all nodes the same RAFT_NODE_SECRET, and clocks that agree", read);
        assertEquals(0, revision());
    }

    @Test
    void withoutASecretTheClientIsToldWhatToSet() throws IOException {
        follower = server("node1", "/follower", null);
        follow("node2", leader.address());
        Answer write = store(follower, bearer(WRITER), STORE);
        assertSays(503, "Set RAFT_NODE_SECRET, the same on all nodes. Nothing was changed", write);
        assertEquals(0, revision());
        assertSays(401, "set RAFT_NODE_SECRET", store(leader, "User-Agent: raftkv\r\n", STORE));
    }

    @Test
    void whoeverElseHasComeToAnAddressIsNotTakenForTheLeader() {
        follow("node9", leader.address());
        Answer answer = store(follower, bearer(WRITER), STORE);
        assertSays(504, "not the leader answers at its address " + leader.address(), answer);
        assertSays(504, "this is node node2, and node node9 was asked). Nothing proves", answer);
        assertEquals(0, revision());
    }

    @Test
    void aMisdirectedWriteIsSentToTheLeaderThatIsKnownThen() throws Exception {
        ServerSocket encrypted = Tls.open(certificates.node("node8"))
                .context()
                .getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.getLoopbackAddress());
        follow("node9", new Recorder(encrypted, misdirected()).address());
        assertEquals(200, store(follower, bearer(WRITER), STORE).status());
        assertEquals(1, revision());
    }

    /** Somebody between the nodes may have brought it to the one that it was for. */
    @Test
    void aMisdirectedWriteThatOthersMayHaveSeenIsNotSentAgain() throws Exception {
        follow("node9", new Recorder(misdirected()).address());
        assertSays(504, "may or may not have been carried out", store(follower, bearer(WRITER), STORE));
        assertEquals(0, revision());
    }

    /** What another node answers, by when the leader is known. */
    private Function<String, String> misdirected() throws IOException {
        Seals other = seals("node8", SECRET);
        return head -> {
            follow("node2", leader.address());
            SealRefusedException refusal = assertThrows(
                    SealRefusedException.class,
                    () -> other.check(new Asked("POST", "/store", name -> header(head, name))));
            return answer(421, Seals.REFUSED + ": " + refusal.proof() + "\r\n", "");
        };
    }

    private static Answer says(RestServer node, Seals by, String caller, String path, String body) {
        byte[] bytes = body.getBytes(UTF_8);
        Map<String, String> headers = new TreeMap<>(Map.of("Content-Type", "application/json"));
        if (caller != null) {
            headers.put(Seals.CALLER, caller);
        }
        headers.put(
                Seals.HEADER,
                by.seal(new Asked("POST", path, headers::get), bytes, "")
                        .orElseThrow()
                        .text());
        headers.put("Content-Length", "" + bytes.length);
        StringBuilder lines = new StringBuilder();
        headers.forEach(
                (name, value) -> lines.append(name).append(": ").append(value).append("\r\n"));
        return node.http().send("POST", path, lines.toString(), bytes);
    }

    @Test
    void aNodeSpeaksForItselfAlone() throws IOException {
        Seals node3 = seals("node3", SECRET);
        String self = "{\"node_id\":\"node3\",\"raft_address\":\"127.0.0.1:1113\"}";
        String other = self.replace("node3", "node1");
        assertSays(
                403,
                "node3 is a node and may speak for itself alone, not for node1",
                says(leader, node3, null, "/raft/join", other));
        assertEquals(200, says(leader, node3, null, "/raft/join", self).status());
        String forced = self.replace("}", ",\"force\":true}");
        assertSays(403, "is for people to decide", says(leader, node3, null, "/raft/join", forced));
        assertEquals(
                200, says(leader, node3, "root:admin", "/raft/join", forced).status());
        assertEquals(200, says(leader, node3, "root:admin", "/raft/join", other).status());

        String address = "\"http_address\":\"http://evil.example\"}";
        assertSays(
                403,
                "node3 is a node and may speak for itself alone, not for node1",
                says(leader, node3, null, "/raft/announce", other.replace("}", "," + address)));
        assertSays(
                200,
                "the members know the address",
                says(leader, node3, null, "/raft/announce", self.replace("}", "," + address)));
    }

    /** It would be the follower's word, and not its own. */
    @Test
    void aNodeThatAsksToBeJoinedIsSentToTheLeader() throws IOException {
        follower.members.fail(Code.NOT_LEADER, "raftkv's own words for it");
        byte[] join = "{\"node_id\":\"node3\",\"raft_address\":\"127.0.0.1:1113\"}".getBytes(UTF_8);
        String seal = seals("node3", SECRET)
                .seal(new Asked("POST", "/raft/join", name -> null), join, "")
                .orElseThrow()
                .text();
        Answer answer = follower.http()
                .send(
                        "POST",
                        "/raft/join",
                        "Raft-Seal: " + seal + "\r\nContent-Type: application/json\r\nContent-Length: " + join.length
                                + "\r\n",
                        join);
        assertEquals(307, answer.status(), answer.body());
        assertEquals(leader.address() + "/raft/join", answer.header("location"));
    }
}
