package dev.raftkv.cluster;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The words of the local cluster: what runs where, and what to try next, ready to be pasted. */
final class Guide {
    private static final boolean WINDOWS =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");

    private final ClusterSettings settings;

    Guide(ClusterSettings settings) {
        this.settings = settings;
    }

    /** One line for a node that runs. */
    String line(LocalNode node, long pid) {
        return "  " + node.spec().nodeId() + "  http://localhost:" + node.spec().httpPort() + "  Raft "
                + node.spec().raftAddress() + "  pid " + pid;
    }

    String files() {
        Path nodes = relative(settings.directory()).resolve("node*");
        return "Data: " + nodes.resolve("data") + "  Logs: " + nodes.resolve("node.log")
                + "\nCtrl-C stops the three; their data stays.";
    }

    /**
     * The commands to go on with.
     *
     * @param joined whether the nodes are one cluster already
     * @param pid of node1
     */
    String nextSteps(List<LocalNode> nodes, boolean joined, long pid) {
        int http = nodes.get(0).spec().httpPort();
        List<String> lines = new ArrayList<>();
        if (!joined) {
            lines.addAll(List.of(
                    "Each node still leads a cluster of its own. In another terminal, let node1 take in the others:",
                    "  " + join(nodes.get(0), nodes.get(1)),
                    "  " + join(nodes.get(0), nodes.get(2)),
                    ""));
        }
        lines.addAll(List.of(
                "One leader, two followers:",
                "  curl localhost:" + http + "/raft/stats",
                "  curl localhost:" + (http + 1) + "/raft/stats",
                "",
                "Store, read anywhere, delete:",
                "  " + post(http, "/store", "{\"key\": \"key\", \"value\": \"value\"}"),
                "  curl --location localhost:" + (http + 2) + "/store/key",
                "  curl --location --request DELETE localhost:" + http + "/store/key",
                "",
                "Kill node1; a second later another node leads and takes a write; start node1 again:",
                "  " + kill(pid),
                "  " + post(http + 1, "/store", "{\"key\": \"key\", \"value\": \"still here\"}"),
                "  " + startAgain(nodes.get(0))));
        return String.join("\n", lines);
    }

    /** How to start a node that has ended. */
    String startAgain(LocalNode node) {
        return program("start " + node.spec().nodeId());
    }

    /** How to end what an earlier run has left. */
    String stopAll() {
        return program("stop");
    }

    private String join(LocalNode leader, LocalNode joiner) {
        return post(
                leader.spec().httpPort(),
                "/raft/join",
                "{\"node_id\": \"" + joiner.spec().nodeId() + "\", \"raft_address\": \""
                        + joiner.spec().raftAddress() + "\"}");
    }

    private static String post(int port, String path, String json) {
        String body = WINDOWS ? "\"" + json.replace("\"", "\\\"") + "\"" : "'" + json + "'";
        return "curl --location localhost:" + port + path + " --header \"Content-Type: application/json\" --data-raw "
                + body;
    }

    private static String kill(long pid) {
        return WINDOWS ? "taskkill /F /PID " + pid : "kill -9 " + pid;
    }

    private String program(String words) {
        Path classes = relative(settings.deploy().resolveSibling("target").resolve("test-classes"));
        return "java -cp " + classes + " " + LocalCluster.class.getName() + " " + words + " "
                + relative(settings.directory());
    }

    /** As short as it can be for one who works in the project's directory. */
    private Path relative(Path path) {
        Path project = settings.deploy().getParent();
        return path.startsWith(project) ? project.relativize(path) : path;
    }
}
