package dev.raftkv.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.config.NodeConfig.Auth;
import dev.raftkv.config.NodeConfig.Security;
import dev.raftkv.testkit.LogLines;
import dev.raftkv.testkit.PrivateFiles;
import dev.raftkv.testkit.TestConfigs;
import dev.raftkv.tls.TestCertificates;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A node that asks everybody who they are, and cannot know other nodes, says so when it starts, and each node only then. */
@Timeout(60)
class SecretWarningIT {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "FILE, false, false, 1",
        "CONTAINER, false, false, 1",
        "FILE, false, true, 1",
        "FILE, true, false, 0",
        "NONE, false, false, 0"
    })
    void theStartWarnsOfAMissingSecret(Auth auth, boolean secret, boolean tls, int lines) throws IOException {
        Security security = new Security(
                auth,
                auth == Auth.FILE ? Optional.of(directory.resolve("tokens")) : Optional.empty(),
                secret ? Optional.of(secret()) : Optional.empty(),
                tls
                        ? Optional.of(TestCertificates.in(directory.resolve("certificates"))
                                .node("node1"))
                        : Optional.empty(),
                false,
                List.of(),
                List.of());
        try (LogLines log = LogLines.of(Node.class);
                NodeCluster cluster = new NodeCluster(directory.resolve("nodes"))) {
            cluster.start(TestConfigs.with(cluster.config("node1"), security));
            List<String> warnings = log.all().stream()
                    .filter(line ->
                            line.startsWith("WARNING ") && line.contains("So set RAFT_NODE_SECRET, the same on all"))
                    .toList();
            assertEquals(lines, warnings.size(), log.all()::toString);
        }
    }

    private Path secret() throws IOException {
        return PrivateFiles.write(directory.resolve("secret"), "the secret of all nodes, of 32 bytes or more");
    }
}
