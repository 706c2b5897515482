package dev.raftkv.testkit;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.config.NodeConfig.Auth;
import dev.raftkv.config.NodeConfig.Security;
import dev.raftkv.model.Address;
import dev.raftkv.model.ReadLevel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What nodes in this JVM are configured with. */
public final class TestConfigs {
    private TestConfigs() {}

    /** @param directory the node's own is below it */
    public static NodeConfig node(Path directory, String id, int port) {
        return new NodeConfig(
                id,
                new Address("127.0.0.1", port),
                "127.0.0.1",
                "http://127.0.0.1:" + port + "/" + id,
                directory.resolve(id),
                NodeConfig.FollowerWrites.REDIRECT,
                ReadLevel.EVENTUAL,
                List.of(),
                new NodeConfig.Timeouts(
                        Duration.ofMillis(500),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(3)),
                new NodeConfig.Limits(1 << 20, 10_000, 1_000),
                new NodeConfig.Storage(8 << 20, 1 << 20, 100_000, 64 << 20),
                Security.NONE);
    }

    /** TLS, and nothing else. */
    public static Security tls(Path certificates) {
        return new Security(Auth.NONE, Optional.empty(), Optional.empty(), Optional.of(certificates), false, List.of());
    }
}
