package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Three nodes at the addresses that their data names, each a process of its own. Numbered from 1. The addresses are part of
 * the data, so these ports are the same always; {@link FreePorts} gives out others.
 */
final class OldNodes implements AutoCloseable {
    static final List<Integer> ALL = List.of(1, 2, 3);

    static final int SNAPSHOT_ENTRIES = 80;

    private static final int FIRST_RAFT_PORT = 14_711;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Path war;
    private final Path directory;
    private final List<Integer> httpPorts;
    private final Map<Integer, ServerProcess> processes = new TreeMap<>();
    private final Http http = Http.following(Duration.ofSeconds(20));

    /** @param directory has the nodes' directories, or gets them */
    OldNodes(Path war, Path directory) throws IOException {
        this.war = war;
        this.directory = directory;
        this.httpPorts = FreePorts.take(ALL.size());
    }

    private NodeSpec spec(int node) {
        return new NodeSpec(
                "node" + node, httpPorts.get(node - 1), FIRST_RAFT_PORT + node - 1, directory.resolve("node" + node));
    }

    /** Waits for the ports, which another build on this machine may use, and starts the nodes. */
    void start(int... nodes) throws IOException {
        for (int node : nodes) {
            NodeSpec spec = spec(node);
            eventually(LIMIT, () -> assertTrue(FreePorts.isFree(spec.raftPort()), () -> spec + " is taken"));
            processes.put(
                    node,
                    ServerProcess.start(new ExecutableWar(war, Build.deploy())
                            .node(spec, directory)
                            .with("RAFT_SNAPSHOT_ENTRIES", Integer.toString(SNAPSHOT_ENTRIES))));
        }
        for (int node : nodes) {
            processes.get(node).awaitOk(url(node, "/raft/stats"), LIMIT);
        }
    }

    /** Waits until all that run are one cluster that takes writes. */
    void awaitReady() {
        processes.forEach((node, process) -> process.awaitOk(url(node, "/health/ready"), LIMIT));
    }

    void join(int node) throws IOException {
        answered(
                200,
                http.post(
                        url(1, "/raft/join"),
                        "{\"node_id\": \"node" + node + "\", \"raft_address\": \""
                                + spec(node).raftAddress() + "\"}"));
    }

    /** In order, as SIGTERM does. */
    void stop(int node) {
        processes.remove(node).stop();
    }

    String url(int node, String path) {
        return spec(node).url(path);
    }

    JsonNode stats(int node) throws IOException {
        return answered(200, http.get(url(node, "/raft/stats"))).json().path("data");
    }

    int leader() {
        return eventually(LIMIT, () -> {
            List<Integer> leaders = new ArrayList<>();
            for (int node : running()) {
                if (state(node).equals("Leader")) {
                    leaders.add(node);
                }
            }
            assertEquals(1, leaders.size(), () -> "leaders: " + leaders);
            return leaders.get(0);
        });
    }

    String state(int node) throws IOException {
        return stats(node).path("state").asText();
    }

    /** Waits until all that run have applied the same. */
    void awaitEqual() {
        eventually(LIMIT, () -> {
            Set<Long> applied = new TreeSet<>();
            for (int node : running()) {
                applied.add(stats(node).path("applied_index").asLong());
            }
            assertEquals(1, applied.size(), () -> "applied: " + applied);
        });
    }

    Set<Integer> running() {
        return processes.keySet();
    }

    static Reply answered(int status, Reply reply) {
        assertEquals(status, reply.status(), reply::toString);
        return reply;
    }

    @Override
    public void close() {
        processes.values().forEach(ServerProcess::close);
    }
}
