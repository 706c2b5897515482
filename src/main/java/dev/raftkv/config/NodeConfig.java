package dev.raftkv.config;

import dev.raftkv.model.Address;
import dev.raftkv.model.ReadLevel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * All that a node is configured with, checked.
 *
 * @param raftAddress where the other nodes reach this one
 * @param raftBindHost the host that the Raft port listens on
 * @param httpAddress where clients and the other nodes reach this node's context root: an absolute http or https URL
 *     without a trailing slash
 * @param dataDirectory absolute; belongs to this node alone
 * @param readLevel of reads that do not say which
 * @param joinAddresses the HTTP addresses of nodes that a new node asks to be joined, in this order; none: it asks nobody
 * @param recover if the node is to go on alone with the data of a cluster that has lost its majority: a word that tells this
 *     time from those before
 */
public record NodeConfig(
        String nodeId,
        Address raftAddress,
        String raftBindHost,
        String httpAddress,
        Path dataDirectory,
        FollowerWrites followerWrites,
        ReadLevel readLevel,
        List<String> joinAddresses,
        Timeouts timeouts,
        Limits limits,
        Storage storage,
        Security security,
        Optional<String> recover,
        Consul consul) {
    /** A node that is not to be recovered, and serves clients of Consul as usual. */
    public NodeConfig(
            String nodeId,
            Address raftAddress,
            String raftBindHost,
            String httpAddress,
            Path dataDirectory,
            FollowerWrites followerWrites,
            ReadLevel readLevel,
            List<String> joinAddresses,
            Timeouts timeouts,
            Limits limits,
            Storage storage,
            Security security) {
        this(
                nodeId,
                raftAddress,
                raftBindHost,
                httpAddress,
                dataDirectory,
                followerWrites,
                readLevel,
                joinAddresses,
                timeouts,
                limits,
                storage,
                security,
                Optional.empty(),
                Consul.USUAL);
    }

    /** What a follower does with a write. */
    public enum FollowerWrites {
        /** Answers 307 with the leader's address. */
        REDIRECT,
        /** Passes the request on to the leader and relays its answer. */
        FORWARD,
        /** Answers 422, as raft-sample does. */
        REJECT
    }

    /** Who says what a client may do. */
    public enum Auth {
        /** Everybody on this machine may do everything, or everybody who reaches the node if that is said. */
        NONE,
        /** A file of tokens. */
        FILE,
        /** The server that the web application runs in. */
        CONTAINER
    }

    /**
     * @param tokens the file of tokens, absolute; there if, and only if, auth is {@link Auth#FILE}
     * @param nodeSecret the file with the secret that all nodes share, absolute
     * @param tls the directory of the node's key and certificates, absolute
     * @param insecure whether the network is trusted, so that nothing has to be protected
     * @param allowedHosts beside those that the node knows by itself; IPv6 addresses without brackets
     * @param corsOrigins the origins of other sites whose pages may use the node, as browsers write them; or {@code *} alone, which
     *     is all
     */
    public record Security(
            Auth auth,
            Optional<Path> tokens,
            Optional<Path> nodeSecret,
            Optional<Path> tls,
            boolean insecure,
            List<String> allowedHosts,
            List<String> corsOrigins) {
        /** Of a node that nobody else reaches. */
        public static final Security NONE = new Security(
                Auth.NONE, Optional.empty(), Optional.empty(), Optional.empty(), false, List.of(), List.of());
    }

    /**
     * @param election the shortest time without a word from the leader after which a follower stands for election; each
     *     election waits for a random time between this and twice this
     * @param write how long a write may take before its outcome is called unknown
     * @param read how long a read may wait for the state that it needs
     * @param join how long a join may take, the new member's catching up included
     * @param stop how long each step of an orderly stop may take
     */
    public record Timeouts(Duration election, Duration write, Duration read, Duration join, Duration stop) {}

    /**
     * @param valueBytes the longest value, in bytes of its JSON text
     * @param pendingWrites how many writes may wait for their commit at once
     * @param watches how many watches may be open at once
     */
    public record Limits(int valueBytes, int pendingWrites, int watches) {}

    /**
     * @param cacheBytes the heap that the store may use as cache
     * @param minFreeBytes free disk space below which only removals are taken, and below a quarter of which nothing is
     * @param snapshotEntries how many Raft entries may follow a snapshot before the next is taken
     * @param snapshotLogBytes how many bytes of Raft log may follow a snapshot before the next is taken
     */
    public record Storage(long cacheBytes, long minFreeBytes, long snapshotEntries, long snapshotLogBytes) {}

    /**
     * How clients of Consul are served.
     *
     * @param on whether they are
     * @param datacenter the name of the one that they see
     * @param minTtl the shortest that they may give a session
     */
    public record Consul(boolean on, String datacenter, Duration minTtl) {
        /** As it is if nothing is set. */
        public static final Consul USUAL = new Consul(true, "dc1", Duration.ofSeconds(10));
    }
}
