package dev.raftkv.lab;

import dev.raftkv.lab.fault.Network;
import dev.raftkv.lab.fault.NodeClock;
import dev.raftkv.lab.fault.Signals;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FileTree;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import dev.raftkv.testkit.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One node: a JVM that runs the WAR, with a directory, a place in the network and a clock of its own. */
final class LabNode {
    private final int index;
    private final Network network;
    private final Path directory;
    private final Path data;
    private final Map<String, String> settings;
    private final Protection protection;
    private final NodeClock clock;
    private ServerProcess process;

    /**
     * @param index from 0
     * @param directory for all that is of this node; its output is node.log there
     * @param data its data directory
     * @param settings of the variant, on top of those of the network
     */
    LabNode(
            int index,
            Network network,
            Path directory,
            Path data,
            Map<String, String> settings,
            Protection protection) {
        this.index = index;
        this.network = network;
        this.directory = directory;
        this.data = data;
        this.settings = settings;
        this.protection = protection;
        this.clock = new NodeClock(directory.resolve("clock"));
    }

    String id() {
        return "node" + (index + 1);
    }

    /** Where clients reach it. */
    String url(String path) {
        return protection.url(network.clientUrl(index)) + path;
    }

    String raftAddress() {
        return network.raftAddress(index);
    }

    Path data() {
        return data;
    }

    NodeClock clock() {
        return clock;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** Starts it and does not wait for it. */
    void start() throws IOException {
        Path temporary = Files.createDirectories(directory.resolve("tmp"));
        Map<String, String> environment = new HashMap<>(network.settings(index));
        environment.putAll(protection.settings(network, index));
        environment.putAll(settings);
        environment.put("RAFT_NODE_ID", id());
        environment.put("RAFT_VOL_DIR", data.toString());
        environment.put("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=" + temporary);
        if (NodeClock.library().isPresent()) {
            environment.putAll(clock.environment());
        }
        List<String> options = List.of("--port=" + environment.remove("SERVER_PORT"));
        ServerCommand command = new ExecutableWar(Build.war(), Build.deploy()).command(options, environment, directory);
        process = ServerProcess.start(new ServerCommand(
                network.command(index, command.words()), command.environment(), command.directory(), command.log()));
        network.runs(index, process.pid());
        Files.writeString(
                directory.resolve(Leftovers.PID),
                process.pid() + " " + ProcessHandle.current().pid());
    }

    /** {@code kill -9}. */
    void kill() {
        process.kill();
    }

    /**
     * SIGTERM, and waits for its end.
     *
     * @throws IllegalStateException if it had to be killed
     */
    void terminate() {
        process.stop();
    }

    void pause() throws IOException {
        Signals.pause(process.pid());
    }

    void resume() {
        Signals.resume(process.pid());
    }

    /** Its data is lost; it does not run. */
    void loseData() throws IOException {
        if (Files.exists(data)) {
            FileTree.delete(data);
        }
    }

    /** What all its threads do now; text that says why not if that cannot be told. */
    String threads() {
        try {
            Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
            return Tool.run(directory, "", jcmd.toString(), Long.toString(pid()), "Thread.print")
                    .output();
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Deletes what it wrote, but for its log; it does not run. */
    void forget() throws IOException {
        loseData();
        FileTree.delete(directory.resolve("tmp"));
    }

    /** Kills it if it runs. */
    void close() {
        if (isAlive()) {
            process.kill();
        }
    }
}
