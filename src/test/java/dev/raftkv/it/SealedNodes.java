package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.NodeCommand;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.PrivateFiles;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Nodes with a file of tokens and a secret, numbered from 0: alice writes, bob reads, root does all, prom sees the metrics and
 * node7 is a node; the token of each is {@code of-} and the name.
 */
final class SealedNodes implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(90);
    static final String SECRET = "the secret of the three nodes of this test";

    private static final Map<String, String> ROLES =
            Map.of("alice", "writer", "bob", "reader", "root", "admin", "prom", "metrics", "node7", "node");

    private final Http http = Http.plain(Duration.ofSeconds(15));
    private final NodeCommand servers;
    private final Path directory;
    private final List<NodeSpec> specs = new ArrayList<>();
    private final List<ServerProcess> processes = new ArrayList<>();

    /** Makes their files, and starts none of them. */
    SealedNodes(NodeCommand servers, String name, int count) throws IOException, GeneralSecurityException {
        this.servers = servers;
        this.directory = Files.createDirectories(Build.directory(name));
        List<Integer> ports = FreePorts.take(2 * count);
        for (int node = 0; node < count; node++) {
            String id = "node" + (node + 1);
            specs.add(new NodeSpec(id, ports.get(2 * node), ports.get(2 * node + 1), directory.resolve(id + "-data")));
        }
        StringBuilder tokens = new StringBuilder();
        for (Map.Entry<String, String> each : ROLES.entrySet()) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            tokens.append(each.getKey()).append(':').append(each.getValue()).append(':');
            tokens.append(HexFormat.of().formatHex(digest.digest(("of-" + each.getKey()).getBytes(UTF_8))))
                    .append('\n');
        }
        write("tokens", tokens.toString());
        write("secret", SECRET + "\n");
    }

    /** A file of theirs, changed at once. */
    void write(String name, String text) throws IOException {
        Path whole = PrivateFiles.write(directory.resolve(name + ".new"), text);
        Files.move(whole, file(name), StandardCopyOption.ATOMIC_MOVE);
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    NodeSpec spec(int node) {
        return specs.get(node);
    }

    /** Starts the next one, to be joined by hand. */
    void start() throws IOException {
        start(processes.size(), "secret", 0);
    }

    /**
     * Starts one, in the place of one that has been stopped, if there was one.
     *
     * @param secret name of its file
     * @param listed how many nodes are in the list of those to be asked
     */
    void start(int node, String secret, int listed) throws IOException {
        Path base = Files.createDirectories(directory.resolve(spec(node).nodeId()));
        String list = specs.stream().limit(listed).map(spec -> spec.url("")).collect(Collectors.joining(","));
        ServerCommand command = servers.node(spec(node), base)
                .with("RAFT_AUTH", file("tokens").toString())
                .with("RAFT_NODE_SECRET", file(secret).toString())
                .with("RAFT_FOLLOWER_WRITES", "forward");
        ServerProcess process = ServerProcess.start(list.isEmpty() ? command : command.with("RAFT_JOIN", list));
        if (node < processes.size()) {
            processes.set(node, process);
        } else {
            processes.add(process);
        }
    }

    ServerProcess process(int node) {
        return processes.get(node);
    }

    Reply put(int node, String key, String name) throws IOException {
        return http.put(spec(node).url("/store/" + key), "1", "Authorization", "Bearer of-" + name);
    }

    Reply get(int node, String target, String name) throws IOException {
        return http.get(spec(node).url(target), "Authorization", "Bearer of-" + name);
    }

    Reply post(int node, String target, String json, String name) throws IOException {
        return http.post(spec(node).url(target), json, "Authorization", "Bearer of-" + name);
    }

    /** Joins it at the first one, by hand. */
    void join(int node) throws IOException {
        String body = "{\"node_id\":\"" + spec(node).nodeId() + "\",\"raft_address\":\""
                + spec(node).raftAddress() + "\"}";
        Reply reply = post(0, "/raft/join", body, "root");
        assertEquals(200, reply.status(), reply::toString);
    }

    void awaitMembers(int members, int... nodes) {
        eventually(LIMIT, () -> {
            for (int node : nodes) {
                JsonNode stats = get(node, "/raft/stats", "bob").json().path("data");
                assertEquals(members, stats.path("latest_configuration").size(), stats::toString);
                assertTrue(stats.path("leader_id").asText().startsWith("node"), stats::toString);
                assertEquals(200, get(node, "/health/ready", "bob").status());
            }
        });
    }

    int leader() throws IOException {
        String id = get(0, "/raft/stats", "bob").json().at("/data/leader_id").asText();
        return Integer.parseInt(id.substring(4)) - 1;
    }

    /** A follower passes a write on and has a read confirmed, and each caller keeps the own role. */
    void checkFollower(int follower) throws IOException {
        Reply written = put(follower, "k", "alice");
        assertEquals(200, written.status(), written::toString);
        Reply denied = put(follower, "k2", "bob");
        assertEquals(403, denied.status(), denied::toString);
        assertTrue(denied.text().contains("bob has not the role writer"), denied::toString);
        assertEquals(401, put(follower, "k3", "nobody").status());
        for (int node = 0; node < processes.size(); node++) {
            Reply read = get(node, "/store/k?consistency=linearizable", "bob");
            assertEquals(200, read.status(), read::toString);
            for (String key : List.of("k2", "k3")) {
                assertEquals(
                        404,
                        get(node, "/store/" + key + "?consistency=linearizable", "bob")
                                .status());
            }
        }
    }

    @Override
    public void close() {
        processes.forEach(ServerProcess::close);
    }
}
