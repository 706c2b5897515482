package dev.raftkv.bench.peer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.raftkv.bench.load.Dataset;
import dev.raftkv.bench.load.Wire;
import dev.raftkv.bench.load.ZooKeeperWire;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ServerCommand;
import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.zookeeper.Version;

/** ZooKeeper's server from Maven Central, with its usual settings, the JVM's own, and the heap that raftkv has. */
final class ZooKeeper implements Product {
    private static final String HEAP = "-Xmx256m";
    private static final int PATIENCE_MILLIS = 1000;

    private final Path libraries = Build.server("zookeeper.directory");

    @Override
    public String name() {
        return "ZooKeeper";
    }

    @Override
    public String version() {
        return Version.getVersion();
    }

    @Override
    public Optional<String> prepare() {
        return Optional.empty();
    }

    @Override
    public Wire wire(Dataset dataset, List<String> sessions) {
        return new ZooKeeperWire(dataset);
    }

    @Override
    public ServerCommand command(Site site, int node) throws IOException {
        Path home = site.home(node);
        Path data = Files.createDirectories(home.resolve("data"));
        Files.writeString(data.resolve("myid"), Integer.toString(node + 1));
        Path settings = home.resolve("zoo.cfg");
        Files.write(settings, settings(site, node, data));
        List<String> words = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-classpath",
                libraries + File.separator + "*",
                "org.apache.zookeeper.server.quorum.QuorumPeerMain",
                settings.toString());
        return new ServerCommand(words, Map.of(), home, site.log(node));
    }

    private static List<String> settings(Site site, int node, Path data) {
        List<String> lines = new ArrayList<>(List.of(
                "tickTime=2000",
                "initLimit=10",
                "syncLimit=5",
                "dataDir=" + data,
                "clientPort=" + site.clientPorts().get(node),
                "clientPortAddress=127.0.0.1",
                "maxClientCnxns=0",
                "admin.enableServer=false",
                "4lw.commands.whitelist=srvr"));
        for (int member = 0; member < Site.SIZE; member++) {
            lines.add("server." + (member + 1) + "=127.0.0.1:"
                    + site.peerPorts().get(member) + ":" + site.votePorts().get(member));
        }
        return lines;
    }

    @Override
    public boolean leads(Site site, int node) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(site.client(node), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write("srvr".getBytes(US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), US_ASCII).contains("Mode: leader");
        }
    }
}
