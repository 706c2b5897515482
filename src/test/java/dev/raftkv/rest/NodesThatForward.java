package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.access.NodeSecret;
import dev.raftkv.access.Seals;
import dev.raftkv.access.TokenFile;
import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Guard;
import dev.raftkv.rest.RestServer.Way;
import dev.raftkv.rest.access.FileLogin;
import dev.raftkv.rest.access.Login;
import dev.raftkv.testkit.PrivateFiles;
import dev.raftkv.tls.TestCertificates;
import dev.raftkv.tls.Tls;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** A leader and a follower that passes writes on to it, which know each other by a secret, and their callers by a file of tokens. */
final class NodesThatForward implements AutoCloseable {
    static final String SECRET = "the secret of all nodes, of 32 bytes or more";
    static final String OTHER = "another secret, that none of the others has";
    static final String CLUSTER = "00000000-0000-0001-0000-000000000002";
    static final String WRITER = "token-of-alice";
    static final String READER = "token-of-bob";
    static final String STORE = "{\"key\":\"k\",\"value\":1}";

    final TestCertificates certificates;
    final RestServer leader;
    RestServer follower;

    private final Path directory;
    private final Way way;
    private final Login login;
    private int secrets;
    private final List<RestServer> open = new ArrayList<>();
    private final List<RecordedNode> others = new ArrayList<>();

    NodesThatForward(Path directory, Way way) throws Exception {
        this.directory = directory;
        this.way = way;
        certificates = TestCertificates.in(directory.resolve("certificates"));
        login = new FileLogin(
                TokenFile.open(PrivateFiles.write(
                        directory.resolve("tokens"),
                        "alice:writer:" + sha256(WRITER) + "\nbob:reader:" + sha256(READER) + "\n")),
                chain -> Optional.empty());
        leader = server("node2", "/leader", SECRET);
        replaceFollower(SECRET);
        follow("node2", leader.address());
    }

    /** @param secret none if it is null */
    void replaceFollower(String secret) throws IOException {
        follower = server("node1", "/follower", secret);
    }

    /** Closes it with the nodes. */
    RecordedNode closes(RecordedNode other) {
        others.add(other);
        return other;
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

    Seals seals(String nodeId, String secret) throws IOException {
        Path file = PrivateFiles.write(directory.resolve("secret" + secrets++), secret);
        return new Seals(nodeId, Optional.of(NodeSecret.open(file)), () -> Optional.of(CLUSTER));
    }

    private static String sha256(String text) throws GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    }

    void follow(String leaderId, String address) {
        follower.replicator.follow(Optional.of(leaderId), Optional.of(address));
    }

    static String bearer(String token) {
        return "Authorization: Bearer " + token + "\r\n";
    }

    static Answer store(RestServer node, String headers, String body) {
        byte[] bytes = body.getBytes(UTF_8);
        String all = headers + "Content-Type: application/json\r\nContent-Length: " + bytes.length + "\r\n";
        return node.http().send("POST", "/store", all, bytes);
    }

    long revision() {
        return leader.replicator.store().position().revision();
    }

    static void assertSays(int status, String words, Answer answer) {
        assertEquals(status, answer.status(), answer.body());
        assertTrue(answer.body().contains(words), answer.body());
    }

    @Override
    public void close() throws IOException {
        for (RecordedNode each : others) {
            each.close();
        }
        open.forEach(RestServer::close);
    }
}
