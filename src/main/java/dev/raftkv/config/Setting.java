package dev.raftkv.config;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.ReadLevel;
import java.util.List;
import java.util.Optional;

/**
 * Every setting of a node: the only source of its name, its default, what it takes and what it means. The name is the
 * same for the servlet context parameter, the Java system property and the environment variable.
 *
 * <p>A default may name settings that stand above it, as {@code <RAFT_HOST>}, and the {@code <context path>}.
 */
public enum Setting {
    SERVER_PORT("8080", Accepted.port(), "the HTTP port that the container listens on, for the default HTTP address"),
    RAFT_NODE_ID("node1", Accepted.nodeId(), "the node's name in its cluster"),
    RAFT_HOST("127.0.0.1", Accepted.reachableHost(), "the host of the node's Raft address"),
    RAFT_BIND_HOST("<RAFT_HOST>", Accepted.host(), "the host that the Raft port listens on"),
    RAFT_PORT("1111", Accepted.port(), "the port for the Raft traffic between the nodes"),
    RAFT_VOL_DIR(
            "raftkv-data/<RAFT_NODE_ID>",
            Accepted.directory(),
            "the node's data; a relative path begins at catalina.base in Tomcat, at jetty.base in Jetty, else at the"
                    + " working directory"),
    RAFT_HTTP_ADDRESS(
            "http://<RAFT_HOST>:<SERVER_PORT><context path>",
            Accepted.httpAddress(),
            "where clients and the other nodes reach this node over HTTP; https by default if java -jar raftkv.war has RAFT_TLS"),
    RAFT_HTTP_HOST(
            "",
            Accepted.hostOrNone(),
            "the host that the HTTP port of java -jar raftkv.war listens on; none: RAFT_BIND_HOST while that is a loopback"
                    + " address, else all addresses; other servers have settings of their own for that"),
    RAFT_FOLLOWER_WRITES(
            "redirect",
            Accepted.oneOf(FollowerWrites.values()),
            "what a follower does with a write, or a read of the leader's state: send the client to the leader with 307,"
                    + " pass the request on itself, or refuse it with 422"),
    RAFT_READ_LEVEL(
            "eventual",
            Accepted.oneOf(ReadLevel.values()),
            "how current a read is that does not say ?consistency= itself"),
    RAFT_JOIN(
            "",
            Accepted.httpAddresses(),
            "whom a node without data asks to be joined; the same list on all nodes: the first in it founds the cluster, when all"
                    + " others in it have answered that they know none; none: the node is a cluster of its own at once, join it by"
                    + " hand"),
    RAFT_AUTH(
            "",
            Accepted.auth(),
            "who may do what: container, which asks the server's own realm, or the path of a file of tokens; none: everybody on this"
                    + " machine may do everything, or with RAFT_INSECURE everybody who reaches the node"),
    RAFT_NODE_SECRET(
            "",
            Accepted.file(),
            "a file with the secret by which the nodes of a cluster know each other over HTTP; the same on all nodes"),
    RAFT_TLS(
            "",
            Accepted.file(),
            "a directory with cert.pem, key.pem and ca.pem, for the Raft port, for HTTP between the nodes and for the port of"
                    + " java -jar raftkv.war; none: nothing is encrypted"),
    RAFT_INSECURE(
            "false",
            Accepted.oneOf(List.of("true", "false")),
            "whether a node that others reach may start without RAFT_AUTH or RAFT_TLS, because its network is trusted"),
    RAFT_ALLOWED_HOSTS(
            "",
            Accepted.hosts(),
            "names by which browsers may reach this node, beside the host of RAFT_HTTP_ADDRESS, localhost and IP addresses"),
    RAFT_CORS_ORIGINS(
            "",
            Accepted.origins(),
            "other sites whose pages may use this node in a browser, the same on all nodes; none: its own pages alone"),
    RAFT_RECOVER(
            "",
            Accepted.once(),
            "makes this node, the survivor of a cluster that has lost its majority for good, a cluster of its own with its data;"
                    + " done once for each value, such as the date"),
    RAFT_ELECTION_TIMEOUT_MS(
            "500",
            Accepted.number(100, 60_000, "milliseconds"),
            "the shortest silence of the leader after which a follower stands for election; the same on all nodes"),
    RAFT_WRITE_TIMEOUT_MS(
            "5000",
            Accepted.number(100, 600_000, "milliseconds"),
            "how long a write may take before its outcome is called unknown"),
    RAFT_READ_TIMEOUT_MS(
            "3000",
            Accepted.number(100, 600_000, "milliseconds"),
            "how long a read may wait for the state that it needs"),
    RAFT_JOIN_TIMEOUT_MS(
            "60000",
            Accepted.number(1_000, 3_600_000, "milliseconds"),
            "how long a join may take, the new member's catching up included"),
    RAFT_STOP_TIMEOUT_MS(
            "5000", Accepted.number(100, 600_000, "milliseconds"), "how long each step of an orderly stop may take"),
    RAFT_MAX_VALUE_BYTES("1048576", Accepted.number(1, 8_388_608, "bytes"), "the longest value, as JSON text"),
    RAFT_MAX_PENDING_WRITES(
            "10000", Accepted.number(1, 1_000_000, "writes"), "how many writes may wait for their commit at once"),
    RAFT_MAX_WATCHES(
            "20000",
            Accepted.number(0, 1_000_000, "watches"),
            "how many watches may be open at once, waiting requests of clients of Consul among them"),
    RAFT_CONSUL("on", Accepted.oneOf(List.of("on", "off")), "whether clients of Consul are served, under /v1"),
    RAFT_CONSUL_DATACENTER(
            "dc1",
            Accepted.nodeId(),
            "the name of the one datacenter that clients of Consul see; the same on all nodes"),
    RAFT_CONSUL_SESSION_TTL_MIN_MS(
            "10000",
            Accepted.number(1, 86_400_000, "milliseconds"),
            "the shortest TTL that clients of Consul may give a session"),
    RAFT_CACHE_MB("32", Accepted.number(1, 65_536, "MiB"), "the heap that the store uses as its cache"),
    RAFT_MIN_FREE_DISK_MB(
            "100",
            Accepted.number(0, 1_048_576, "MiB"),
            "the free disk space below which only removals are taken, and below a quarter of which nothing is"),
    RAFT_SNAPSHOT_ENTRIES(
            "100000",
            Accepted.number(10, 100_000_000, "entries"),
            "how many Raft entries may follow a snapshot before the next is taken"),
    RAFT_SNAPSHOT_LOG_MB(
            "64",
            Accepted.number(1, 65_536, "MiB"),
            "how much Raft log may follow a snapshot before the next is taken"),
    RAFT_LOG_FORMAT(
            "text",
            Accepted.oneOf(List.of("text", "json")),
            "how java -jar raftkv.war logs: lines to read, or one JSON object per line; other servers have settings of"
                    + " their own for that");

    private final String defaultText;
    private final Accepted accepted;
    private final String help;

    Setting(String defaultText, Accepted accepted, String help) {
        this.defaultText = defaultText;
        this.accepted = accepted;
        this.help = help;
    }

    /** The default as users are shown it. */
    public String defaultText() {
        return defaultText;
    }

    /** What it takes, to stand after "give": {@code a port from 1 to 65535}. */
    public String accepts() {
        return accepted.phrase();
    }

    /** What it is for, half a sentence. */
    public String help() {
        return help;
    }

    /** The value as it is used (a slash at the end removed, and the like), or empty if it is not accepted. */
    public Optional<String> accept(String value) {
        return accepted.normal().apply(value);
    }
}
