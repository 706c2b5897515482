package dev.raftkv.testkit;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.config.NodeConfig.Auth;
import dev.raftkv.config.NodeConfig.Security;
import dev.raftkv.config.NodeConfig.Storage;
import dev.raftkv.config.NodeConfig.Timeouts;
import dev.raftkv.model.Address;
import dev.raftkv.model.ReadLevel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What nodes in this JVM are configured with. */
public final class TestConfigs {
    /** Nobody listens there (RFC 863): whoever asks these nodes over HTTP reaches no other port of theirs. */
    private static final int DISCARD = 9;

    private TestConfigs() {}

    /** @param directory the node's own is below it */
    public static NodeConfig node(Path directory, String id, int port) {
        return new NodeConfig(
                id,
                new Address("127.0.0.1", port),
                "127.0.0.1",
                "http://127.0.0.1:" + DISCARD + "/" + id,
                directory.resolve(id),
                NodeConfig.FollowerWrites.REDIRECT,
                ReadLevel.EVENTUAL,
                List.of(),
                timeouts(Duration.ofMillis(500), Duration.ofSeconds(30)),
                new NodeConfig.Limits(1 << 20, 10_000, 1_000),
                new Storage(8 << 20, 1 << 20, 100_000, 64 << 20),
                Security.NONE);
    }

    /** The same node with other timeouts. */
    public static NodeConfig with(NodeConfig node, Timeouts timeouts) {
        return with(
                node,
                node.httpAddress(),
                node.dataDirectory(),
                node.joinAddresses(),
                timeouts,
                node.storage(),
                node.security());
    }

    /** The same node with other limits of its disk. */
    public static NodeConfig with(NodeConfig node, Storage storage) {
        return with(
                node,
                node.httpAddress(),
                node.dataDirectory(),
                node.joinAddresses(),
                node.timeouts(),
                storage,
                node.security());
    }

    /** The same node with other protection. */
    public static NodeConfig with(NodeConfig node, Security security) {
        return with(
                node,
                node.httpAddress(),
                node.dataDirectory(),
                node.joinAddresses(),
                node.timeouts(),
                node.storage(),
                security);
    }

    /** The same node at another place. */
    public static NodeConfig with(NodeConfig node, String httpAddress, Path data, List<String> joinAddresses) {
        return with(node, httpAddress, data, joinAddresses, node.timeouts(), node.storage(), node.security());
    }

    /** The same node that serves clients of Consul. */
    public static NodeConfig with(NodeConfig node, NodeConfig.Consul consul) {
        return new NodeConfig(
                node.nodeId(),
                node.raftAddress(),
                node.raftBindHost(),
                node.httpAddress(),
                node.dataDirectory(),
                node.followerWrites(),
                node.readLevel(),
                node.joinAddresses(),
                node.timeouts(),
                node.limits(),
                node.storage(),
                node.security(),
                node.recover(),
                consul);
    }

    private static NodeConfig with(
            NodeConfig node,
            String httpAddress,
            Path data,
            List<String> joinAddresses,
            Timeouts timeouts,
            Storage storage,
            Security security) {
        return new NodeConfig(
                node.nodeId(),
                node.raftAddress(),
                node.raftBindHost(),
                httpAddress,
                data,
                node.followerWrites(),
                node.readLevel(),
                joinAddresses,
                timeouts,
                node.limits(),
                storage,
                security,
                node.recover(),
                node.consul());
    }

    /** What all nodes of these tests wait for, with these two. */
    public static Timeouts timeouts(Duration election, Duration join) {
        return new Timeouts(election, Duration.ofSeconds(5), Duration.ofSeconds(3), join, Duration.ofSeconds(3));
    }

    /** TLS, and nothing else. */
    public static Security tls(Path certificates) {
        return new Security(
                Auth.NONE, Optional.empty(), Optional.empty(), Optional.of(certificates), false, List.of(), List.of());
    }
}
