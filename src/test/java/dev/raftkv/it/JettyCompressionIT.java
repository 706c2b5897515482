package dev.raftkv.it;

import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node in a Jetty that compresses what it answers. */
@Timeout(180)
final class JettyCompressionIT {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "compression-gzip"})
    void aTagIsAConditionAlsoBehindCompression(String module) throws IOException {
        Path directory = Build.directory("jetty-" + module);
        List<Integer> ports = FreePorts.take(2);
        NodeSpec spec = new NodeSpec("node1", ports.get(0), ports.get(1), directory.resolve("data"));
        ServerCommand command = Container.JETTY_12_1.node(spec, directory);
        Path modules = directory.resolve("start.d").resolve("compression.ini");
        Files.writeString(modules, "--module=" + module + "\n");
        try (ServerProcess server = ServerProcess.start(command)) {
            server.awaitOk(spec.url("/health/ready"), START_LIMIT);
            CompressedTags.check(spec.url("/store/tagged"));
        }
    }
}
