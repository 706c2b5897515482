package dev.raftkv.failover;

import static dev.raftkv.testkit.Eventually.eventually;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Three nodes of one WAR that are one cluster. Numbered from 0. */
final class Nodes implements AutoCloseable {
    static final int SIZE = 3;

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final ExecutableWar war;
    private final Optional<Network> network;
    private final Path directory;
    private final List<Integer> ports;
    private final List<ServerProcess> processes = new ArrayList<>();
    private final Http http = Http.plain(Duration.ofSeconds(20));

    private Nodes(Path war, Optional<Network> network, Path directory, List<Integer> ports) {
        this.war = new ExecutableWar(war, Build.deploy());
        this.network = network;
        this.directory = directory;
        this.ports = ports;
    }

    static Nodes start(Path war, String label, Optional<Network> network) throws IOException {
        Nodes nodes = new Nodes(war, network, Build.directory("failover-" + label), FreePorts.take(2 * SIZE));
        try {
            for (int node = 0; node < SIZE; node++) {
                nodes.processes.add(ServerProcess.start(nodes.command(node)));
            }
            for (int node = 0; node < SIZE; node++) {
                nodes.processes.get(node).awaitOk(nodes.url(node, "/health/ready"), LIMIT);
            }
            for (int node = 1; node < SIZE; node++) {
                nodes.join(node);
            }
            nodes.awaitCalm();
            return nodes;
        } catch (IOException | RuntimeException | Error e) {
            nodes.close();
            throw e;
        }
    }

    private void join(int node) throws IOException {
        Reply reply = http.post(
                url(0, "/raft/join"),
                "{\"node_id\": \"node" + node + "\", \"raft_address\": \"" + host(node) + ":" + ports.get(SIZE + node)
                        + "\"}");
        if (reply.status() != 200) {
            throw new IOException("node" + node + " does not join: " + reply);
        }
    }

    private ServerCommand command(int node) throws IOException {
        Path base = directory.resolve("node" + node);
        ServerCommand command = war.command(
                List.of(
                        "--port=" + ports.get(node),
                        "--node-id=node" + node,
                        "--raft-port=" + ports.get(SIZE + node),
                        "--data=" + base.resolve("data")),
                Map.of("RAFT_HOST", host(node), "RAFT_INSECURE", Boolean.toString(network.isPresent())),
                base);
        List<String> words =
                new ArrayList<>(network.map(net -> net.prefix(node)).orElse(List.of()));
        words.addAll(command.words());
        return new ServerCommand(words, command.environment(), command.directory(), command.log());
    }

    private String host(int node) {
        return network.map(net -> net.host(node)).orElse("127.0.0.1");
    }

    String url(int node, String path) {
        return "http://" + host(node) + ":" + ports.get(node) + path;
    }

    JsonNode stats(int node) throws IOException {
        Reply reply = http.get(url(node, "/raft/stats"));
        if (reply.status() != 200) {
            throw new IOException("node" + node + " says " + reply);
        }
        return reply.json().path("data");
    }

    /** The leader, when all nodes run, agree on it and have applied the same. */
    int awaitCalm() {
        return eventually(LIMIT, () -> {
            JsonNode first = stats(0);
            for (int node = 1; node < SIZE; node++) {
                JsonNode stats = stats(node);
                for (String figure : List.of("leader_id", "term", "applied_index")) {
                    if (!stats.path(figure).equals(first.path(figure))) {
                        throw new IOException("node" + node + " and node0 differ: " + stats + ", " + first);
                    }
                }
            }
            return Integer.parseInt(first.path("leader_id").asText().replace("node", ""));
        });
    }

    /** Until the node follows another one and has all that was committed before the call. */
    void awaitFollows(int node, int leader) throws IOException {
        long committed = stats(leader).path("commit_index").asLong();
        eventually(LIMIT, () -> {
            JsonNode stats = stats(node);
            boolean follows = stats.path("state").asText().equals("Follower")
                    && stats.path("leader_id").asText().equals("node" + leader)
                    && stats.path("applied_index").asLong() >= committed;
            if (!follows) {
                throw new IOException("node" + node + " does not follow node" + leader + ": " + stats);
            }
        });
    }

    ServerProcess process(int node) {
        return processes.get(node);
    }

    Optional<Network> network() {
        return network;
    }

    void restart(int node) throws IOException {
        if (processes.get(node).isAlive()) {
            processes.get(node).awaitEnd(LIMIT);
        }
        processes.set(node, ServerProcess.start(command(node)));
        processes.get(node).awaitOk(url(node, "/health/ready"), LIMIT);
    }

    @Override
    public void close() {
        processes.forEach(ServerProcess::close);
        network.ifPresent(Network::close);
    }
}
