package dev.raftkv.bench.peer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.bench.load.Dataset;
import dev.raftkv.bench.load.RaftkvWire;
import dev.raftkv.bench.load.Wire;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.ServerCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A WAR as a program of its own, started as the service of {@code deploy/systemd} is. */
class Raftkv implements Product {
    private static final Duration ARCHIVE_LIMIT = Duration.ofMinutes(2);

    private static final int PAGE = 1000;

    private final String name;
    private final ExecutableWar war;
    private final List<String> jvm;
    private final Http http = Http.plain(Duration.ofSeconds(2));

    /** @param jvm more settings, which overrule those */
    Raftkv(String name, Path war, List<String> jvm) {
        this.name = name;
        this.war = new ExecutableWar(war, Build.deploy());
        this.jvm = List.copyOf(jvm);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String version() {
        String version = war.war().equals(Build.war()) ? System.getProperty("raftkv.version") : "of " + war.war();
        return jvm.isEmpty() ? version : version + " with " + String.join(" ", jvm);
    }

    /** Makes the archive of its classes, as whoever installs it does. */
    @Override
    public Optional<String> prepare() {
        try {
            Path directory = Files.createDirectories(Build.directory("bench-archive-" + name));
            ServerCommand command = war.command(List.of("--cds"), Map.of(), directory);
            Process process = new ProcessBuilder(command.words())
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(command.log().toFile())
                    .start();
            if (!process.waitFor(ARCHIVE_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Optional.of("its class archive was not made in time: see " + command.log());
            }
            return process.exitValue() == 0
                    ? Optional.empty()
                    : Optional.of("its class archive could not be made: see " + command.log());
        } catch (IOException e) {
            return Optional.of("its class archive could not be made: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted while its class archive was made");
        }
    }

    @Override
    public Wire wire(Dataset dataset, List<String> sessions) {
        return new RaftkvWire(dataset, sessions);
    }

    @Override
    public boolean hasSessions() {
        return true;
    }

    @Override
    public long logIndex(Site site, int node) throws IOException {
        return http.get(site.url(node) + "/raft/stats")
                .json()
                .path("data")
                .path("last_log_index")
                .asLong();
    }

    @Override
    public List<String> sessions(Site site, int node) throws IOException {
        List<String> ids = new ArrayList<>();
        JsonNode page;
        do {
            String after = ids.isEmpty() ? "" : "&after=" + ids.get(ids.size() - 1);
            page = http.get(site.url(node) + "/session?consistency=linearizable&limit=" + PAGE + after)
                    .json()
                    .path("data");
            page.forEach(session -> ids.add(session.path("id").asText()));
        } while (page.size() == PAGE);
        return ids;
    }

    @Override
    public ServerCommand command(Site site, int node) throws IOException {
        String all = IntStream.range(0, Site.SIZE).mapToObj(site::url).collect(Collectors.joining(","));
        ServerCommand usual = war.command(
                List.of(
                        "--port=" + site.clientPorts().get(node),
                        "--node-id=node" + (node + 1),
                        "--raft-port=" + site.peerPorts().get(node),
                        "--data=" + site.home(node).resolve("data")),
                Map.of("RAFT_JOIN", all),
                site.home(node));
        List<String> words = new ArrayList<>(usual.words());
        List<String> more = new ArrayList<>(
                List.of("@" + Build.deploy().resolve("server.options"), "-XX:SharedArchiveFile=" + archive()));
        more.addAll(jvm);
        words.addAll(words.indexOf("-jar"), more);
        return new ServerCommand(words, usual.environment(), usual.directory(), usual.log())
                .with("MALLOC_ARENA_MAX", "2")
                .with("MALLOC_TRIM_THRESHOLD_", "131072");
    }

    /** Where {@code --cds} puts it: beside the WAR. */
    private Path archive() {
        String file = war.war().getFileName().toString();
        return war.war().resolveSibling(file.replaceFirst("[.]war$", "") + ".jsa");
    }

    @Override
    public boolean leads(Site site, int node) throws IOException {
        Http.Reply reply = http.get(site.url(node) + "/raft/stats");
        JsonNode stats = reply.json().path("data");
        return reply.status() == 200
                && stats.path("state").asText().equals("Leader")
                && stats.path("latest_configuration").size() == Site.SIZE;
    }
}
