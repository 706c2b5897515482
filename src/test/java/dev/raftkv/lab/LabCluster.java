package dev.raftkv.lab;

import static dev.raftkv.testkit.Eventually.eventually;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.raftkv.lab.fault.Network;
import dev.raftkv.testkit.Access;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** The nodes of a run, and what an operator asks of them. All waits have limits, after which an AssertionError says why. */
final class LabCluster implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final Duration LEADER_LIMIT = Duration.ofSeconds(30);
    private static final Duration MEMBER_LIMIT = Duration.ofSeconds(90);

    private final Http asking;
    private final Http ordering;
    private final Network network;
    private final List<LabNode> nodes;

    /** @param operator who may do everything at the nodes */
    LabCluster(Network network, List<LabNode> nodes, Access operator) {
        this.asking = Http.plain(Duration.ofMillis(1_500)).with(operator);
        this.ordering = Http.following(Duration.ofSeconds(65)).with(operator);
        this.network = network;
        this.nodes = List.copyOf(nodes);
    }

    /** One whose nodes have their directories side by side, and are to join each other. */
    static LabCluster of(Network network, int size, Path directory, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put(
                "RAFT_JOIN",
                String.join(
                        ",",
                        IntStream.range(0, size).mapToObj(network::httpAddress).toList()));
        return new LabCluster(
                network,
                IntStream.range(0, size)
                        .mapToObj(index -> {
                            Path place = directory.resolve("node" + (index + 1));
                            return new LabNode(index, network, place, place.resolve("data"), all, Protection.NONE);
                        })
                        .toList(),
                Access.OPEN);
    }

    Network network() {
        return network;
    }

    int size() {
        return nodes.size();
    }

    LabNode node(int index) {
        return nodes.get(index);
    }

    List<String> urls() {
        return nodes.stream().map(node -> node.url("")).toList();
    }

    /** Starts all, which join each other by RAFT_JOIN. */
    void form() throws IOException {
        for (LabNode node : nodes) {
            node.start();
        }
        awaitReady();
    }

    void awaitReady() {
        eventually(START_LIMIT, this::checkReady);
    }

    /** Throws unless all nodes are ready, and members. */
    void checkReady() throws IOException {
        for (LabNode node : nodes) {
            check(node.isAlive(), node.id() + " has ended");
            Reply ready = asking.get(node.url("/health/ready"));
            check(ready.status() == 200, node.id() + " is not ready: " + ready);
        }
        Set<String> members = members(leader());
        check(members.size() == nodes.size(), "the members are " + members);
    }

    /** Whether the node is ready by its own account, and a member by that of the leader. */
    boolean isWhole(int index) {
        try {
            LabNode node = node(index);
            return node.isAlive()
                    && asking.get(node.url("/health/ready")).status() == 200
                    && members(leader()).contains(node.id());
        } catch (IOException | AssertionError e) {
            return false;
        }
    }

    /** The node that leads in the highest term. */
    int leader() throws IOException {
        int leader = -1;
        long highest = -1;
        for (int index = 0; index < nodes.size(); index++) {
            JsonNode stats = stats(index);
            long term = stats.path("term").asLong();
            if (stats.path("state").asText().equals("Leader") && term > highest) {
                leader = index;
                highest = term;
            }
        }
        check(leader >= 0, "no node says that it leads");
        return leader;
    }

    int awaitLeader() {
        return eventually(LEADER_LIMIT, this::leader);
    }

    /** The node that a step is for. */
    int victim(Step step) {
        int leader = awaitLeader();
        return step.leader() ? leader : (leader + 1 + Math.floorMod(step.dice(), nodes.size() - 1)) % nodes.size();
    }

    /** What the node says of itself; an empty object if it does not answer. */
    private JsonNode stats(int index) {
        try {
            return node(index).isAlive()
                    ? asking.get(node(index).url("/raft/stats")).json().path("data")
                    : empty();
        } catch (IOException e) {
            return empty();
        }
    }

    private static JsonNode empty() {
        return MissingNode.getInstance();
    }

    /** The ids of the members, as the node knows them. */
    Set<String> members(int index) {
        Set<String> ids = new TreeSet<>();
        stats(index)
                .path("latest_configuration")
                .forEach(member -> ids.add(member.path("node_id").asText()));
        return ids;
    }

    /** Removes the node from the cluster, wherever the leader is. */
    void remove(int index) {
        String order = "{\"node_id\": \"" + node(index).id() + "\"}";
        eventually(MEMBER_LIMIT, () -> {
            Set<String> members = members(leader());
            if (members.contains(node(index).id())) {
                Reply reply = ordering.post(node(leader()).url("/raft/remove"), order);
                check(reply.status() == 200, "remove: " + reply);
            }
        });
    }

    /** Joins the node, wherever the leader is, until it is a member. */
    void join(int index) {
        eventually(MEMBER_LIMIT, () -> {
            if (!members(leader()).contains(node(index).id())) {
                Reply reply = tryJoin(index);
                check(reply.status() == 200, "join: " + reply);
            }
        });
    }

    /** Asks the leader once to join the node. */
    Reply tryJoin(int index) throws IOException {
        return ordering.post(
                node(leader()).url("/raft/join"),
                "{\"node_id\": \"" + node(index).id() + "\", \"raft_address\": \""
                        + node(index).raftAddress() + "\"}");
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /** All but this one. */
    List<Integer> others(int index) {
        List<Integer> others = new ArrayList<>();
        for (int other = 0; other < nodes.size(); other++) {
            if (other != index) {
                others.add(other);
            }
        }
        return others;
    }

    /** Kills all that run. */
    void kill() {
        nodes.forEach(LabNode::close);
    }

    @Override
    public void close() {
        kill();
    }
}
