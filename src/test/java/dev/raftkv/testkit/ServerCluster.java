package dev.raftkv.testkit;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.client.RaftkvClient;
import dev.raftkv.testkit.Http.Reply;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Three servers with a node each, on free ports, with their data under {@code target/it}. Nodes are numbered from 0. */
public final class ServerCluster implements AutoCloseable {
    public static final int SIZE = 3;

    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final Duration ELECTION_LIMIT = Duration.ofSeconds(30);

    private final NodeCommand servers;
    private final Path directory;
    private final List<NodeSpec> specs = new ArrayList<>();
    private final List<ServerProcess> processes = new ArrayList<>();
    private final Http http = Http.plain(Duration.ofSeconds(30));

    private ServerCluster(NodeCommand servers, Path directory) {
        this.servers = servers;
        this.directory = directory;
    }

    /** Starts three nodes that do not know each other, and waits until each leads itself. */
    public static ServerCluster start(NodeCommand servers, String name) throws IOException {
        ServerCluster cluster = new ServerCluster(servers, Build.directory(name));
        List<Integer> ports = FreePorts.take(2 * SIZE);
        for (int node = 0; node < SIZE; node++) {
            String id = "node" + (node + 1);
            Path data = cluster.directory.resolve(id).resolve("data");
            cluster.specs.add(new NodeSpec(id, ports.get(2 * node), ports.get(2 * node + 1), data));
        }
        try {
            for (int node = 0; node < SIZE; node++) {
                cluster.processes.add(ServerProcess.start(cluster.command(node)));
            }
            for (int node = 0; node < SIZE; node++) {
                cluster.awaitLeaderOfItself(node);
            }
        } catch (IOException | RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
        return cluster;
    }

    /** Joins the second and third node at the first. */
    public void joinAll() throws IOException {
        for (int node = 1; node < SIZE; node++) {
            Reply reply = join(node, spec(node).nodeId());
            assertEquals(200, reply.status(), reply::toString);
        }
    }

    /** Joins the node at the first one under the id. */
    public Reply join(int node, String nodeId) throws IOException {
        return http.post(
                url(0, "/raft/join"),
                "{\"node_id\": \"" + nodeId + "\", \"raft_address\": \""
                        + spec(node).raftAddress() + "\"}");
    }

    public NodeSpec spec(int node) {
        return specs.get(node);
    }

    public String url(int node, String path) {
        return spec(node).url(path);
    }

    /** A client of all nodes, which asks this one first. */
    public RaftkvClient client(int node) {
        return RaftkvClient.of(IntStream.range(0, SIZE)
                .mapToObj(other -> URI.create(url((node + other) % SIZE, "")))
                .toList());
    }

    /** The status that the node gives of itself. */
    public JsonNode stats(int node) throws IOException {
        Reply reply = http.get(url(node, "/raft/stats"));
        assertEquals(200, reply.status(), reply::toString);
        return reply.json().path("data");
    }

    /** The node that leads, once there is one that all running nodes agree on. */
    public int awaitLeader() {
        return eventually(ELECTION_LIMIT, () -> {
            List<Integer> leaders = new ArrayList<>();
            List<Integer> running = running();
            for (int node : running) {
                if (stats(node).path("state").asText().equals("Leader")) {
                    leaders.add(node);
                }
            }
            assertEquals(1, leaders.size(), "leaders among " + running + ": " + leaders);
            for (int node : running) {
                assertEquals(
                        spec(leaders.get(0)).nodeId(),
                        stats(node).path("leader_id").asText());
            }
            return leaders.get(0);
        });
    }

    /** The nodes whose servers run. */
    public List<Integer> running() {
        return IntStream.range(0, SIZE)
                .filter(node -> processes.get(node).isAlive())
                .boxed()
                .toList();
    }

    /** The process of the node's server. */
    public long pid(int node) {
        return processes.get(node).pid();
    }

    /** Ends the node's server by SIGTERM, and returns when it has ended. */
    public void stop(int node) {
        processes.get(node).stop();
    }

    /** Ends the node's server as {@code kill -9} does. */
    public void kill(int node) {
        processes.get(node).kill();
    }

    /** Starts the node's server again and waits until the node answers. */
    public void restart(int node) throws IOException {
        begin(node);
        processes.get(node).awaitOk(url(node, "/raft/stats"), START_LIMIT);
    }

    /** Stops every server, and starts all again at the same time. */
    public void restartAll() throws IOException {
        for (int node = 0; node < SIZE; node++) {
            stop(node);
        }
        for (int node = 0; node < SIZE; node++) {
            begin(node);
        }
        for (int node = 0; node < SIZE; node++) {
            processes.get(node).awaitOk(url(node, "/raft/stats"), START_LIMIT);
        }
    }

    /** Kills all that still runs. */
    @Override
    public void close() {
        processes.forEach(ServerProcess::close);
    }

    private void begin(int node) throws IOException {
        if (processes.get(node).isAlive()) {
            // Nobody would end it.
            throw new IllegalStateException(spec(node).nodeId() + " runs still");
        }
        processes.set(node, ServerProcess.start(command(node)));
    }

    private ServerCommand command(int node) throws IOException {
        Path base = directory.resolve(spec(node).nodeId());
        Files.createDirectories(base);
        return servers.node(spec(node), base);
    }

    private void awaitLeaderOfItself(int node) {
        processes.get(node).awaitOk(url(node, "/raft/stats"), START_LIMIT);
        eventually(
                ELECTION_LIMIT,
                () -> assertEquals("Leader", stats(node).path("state").asText(), "state of a node that is alone"));
    }
}
