package dev.raftkv.cluster;

import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One node of the local cluster. The file {@code pid} in its directory says which process it is, so that it does not
 * matter which of two programs has started it.
 */
final class LocalNode {
    static final int COUNT = 3;

    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final ClusterSettings settings;
    private final NodeSpec spec;
    private final Path directory;

    private LocalNode(ClusterSettings settings, int number) {
        String id = "node" + number;
        this.settings = settings;
        this.directory = settings.directory().resolve(id);
        this.spec = new NodeSpec(
                id, settings.httpPort() + number - 1, settings.raftPort() + number - 1, directory.resolve("data"));
    }

    /** @param number from 1 to {@link #COUNT} */
    static LocalNode of(ClusterSettings settings, int number) {
        return new LocalNode(settings, number);
    }

    NodeSpec spec() {
        return spec;
    }

    Path log() {
        return directory.resolve("node.log");
    }

    /** The process that it runs as, if it runs. */
    Optional<ServerProcess> running() {
        String[] words;
        try {
            words = Files.readString(pidFile()).strip().split(" ");
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new ClusterException("Cannot read " + pidFile() + ": " + e, e);
        }
        return ProcessHandle.of(Long.parseLong(words[0]))
                .filter(process -> process.isAlive() && startOf(process).equals(words[1]))
                .map(process -> ServerProcess.of(process, log()));
    }

    /** @throws ClusterException if one of its ports is in use */
    void requireFreePorts() {
        for (int port : new int[] {spec.httpPort(), spec.raftPort()}) {
            if (!FreePorts.isFree(port)) {
                throw new ClusterException("Port " + port + " of " + spec.nodeId() + " is in use. Free it, or start"
                        + " another cluster with ports and a directory of its own:\n"
                        + "  mvn -q -Pcluster -Dcluster.http.port=3221 -Dcluster.raft.port=3111"
                        + " -Dcluster.dir=target/cluster2");
            }
        }
    }

    /** Starts its process; {@link #awaitReady} waits for the node. */
    void start() throws IOException {
        ServerCommand command = new ExecutableWar(settings.war(), settings.deploy()).node(spec, directory);
        ServerProcess process = ServerProcess.start(command);
        Files.writeString(pidFile(), process.pid() + " " + startOf(process.handle()));
    }

    /**
     * Returns its first status, as JSON.
     *
     * @throws ClusterException if it does not answer in time, or ends
     */
    String awaitReady() {
        ServerProcess process =
                running().orElseThrow(() -> new ClusterException(spec.nodeId() + " has ended; see " + log()));
        try {
            return process.awaitOk(spec.url("/raft/stats"), START_LIMIT);
        } catch (IllegalStateException e) {
            throw new ClusterException(spec.nodeId() + " does not start. " + e.getMessage(), e);
        }
    }

    private Path pidFile() {
        return directory.resolve("pid");
    }

    /** Tells a process from a later one of the same number. */
    private static String startOf(ProcessHandle process) {
        return Long.toString(
                process.info().startInstant().map(Instant::toEpochMilli).orElse(0L));
    }
}
