package dev.raftkv.bench.peer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.bench.load.Dataset;
import dev.raftkv.bench.load.EtcdWire;
import dev.raftkv.bench.load.Wire;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.Tool;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The program {@code etcd} of this machine, else that of Debian's package, which is unpacked and not installed; with its usual
 * settings.
 */
final class Etcd implements Product {
    private static final String PROGRAM = "etcd";
    private static final String PACKAGE = "etcd-server";

    private final Path unpacked = Path.of(System.getProperty("etcd.directory"));

    private final Http http = Http.plain(Duration.ofSeconds(2));

    @Override
    public String name() {
        return "etcd";
    }

    @Override
    public String version() throws IOException {
        String said = Tool.run(Path.of("."), "", program(), "--version").output();
        return said.lines().findFirst().orElse("").replace("etcd Version: ", "").strip();
    }

    @Override
    public Optional<String> prepare() {
        if (!Tool.isInstalled(PROGRAM) && !Files.isExecutable(ofPackage())) {
            if (!Tool.isInstalled("apt-get") || !Tool.isInstalled("dpkg")) {
                return Optional.of("there is no program etcd on the PATH: put it there");
            }
            try {
                unpack();
            } catch (IOException e) {
                return Optional.of("there is no program etcd on the PATH, and " + e.getMessage());
            }
        }
        return Optional.empty();
    }

    /** Neither step needs root. */
    private void unpack() throws IOException {
        Files.createDirectories(unpacked);
        run("apt-get", "download", PACKAGE);
        try (DirectoryStream<Path> packages = Files.newDirectoryStream(unpacked, PACKAGE + "_*.deb")) {
            for (Path file : packages) {
                run("dpkg", "-x", file.toString(), unpacked.toString());
            }
        }
    }

    private void run(String... words) throws IOException {
        Tool.Result result = Tool.run(unpacked, "", words);
        if (result.exit() != 0) {
            throw new IOException(String.join(" ", words) + " has failed: " + result.output());
        }
    }

    private Path ofPackage() {
        return unpacked.resolve("usr/bin/etcd");
    }

    private String program() {
        return Tool.isInstalled(PROGRAM) ? PROGRAM : ofPackage().toString();
    }

    @Override
    public Wire wire(Dataset dataset, List<String> sessions) {
        return new EtcdWire(dataset);
    }

    @Override
    public boolean hasSessions() {
        return true;
    }

    @Override
    public long logIndex(Site site, int node) throws IOException {
        return http.post(site.url(node) + "/v3/maintenance/status", "{}")
                .json()
                .path("raftIndex")
                .asLong();
    }

    @Override
    public List<String> sessions(Site site, int node) throws IOException {
        List<String> ids = new ArrayList<>();
        http.post(site.url(node) + "/v3/lease/leases", "{}")
                .json()
                .path("leases")
                .forEach(lease -> ids.add(lease.path("ID").asText()));
        return ids;
    }

    @Override
    public ServerCommand command(Site site, int node) throws IOException {
        String cluster = IntStream.range(0, Site.SIZE)
                .mapToObj(member -> name(member) + "=" + peerUrl(site, member))
                .collect(Collectors.joining(","));
        List<String> words = List.of(
                program(),
                "--name=" + name(node),
                "--data-dir=" + site.home(node).resolve("data"),
                "--listen-client-urls=" + site.url(node),
                "--advertise-client-urls=" + site.url(node),
                "--listen-peer-urls=" + peerUrl(site, node),
                "--initial-advertise-peer-urls=" + peerUrl(site, node),
                "--initial-cluster=" + cluster,
                "--initial-cluster-state=new",
                "--log-level=error");
        return new ServerCommand(words, Map.of(), site.home(node), site.log(node));
    }

    private static String name(int node) {
        return "node" + (node + 1);
    }

    private static String peerUrl(Site site, int node) {
        return "http://127.0.0.1:" + site.peerPorts().get(node);
    }

    @Override
    public boolean leads(Site site, int node) throws IOException {
        Http.Reply reply = http.post(site.url(node) + "/v3/maintenance/status", "{}");
        JsonNode status = reply.json();
        String self = status.path("header").path("member_id").asText();
        return reply.status() == 200
                && !self.isEmpty()
                && self.equals(status.path("leader").asText());
    }
}
