package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FileTree;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code java -jar raftkv.war}, as its users run it. */
final class ExecutableWarIT {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration SHORT_LIMIT = Duration.ofSeconds(30);
    private static final JsonMapper JSON = new JsonMapper();

    private final Http http = Http.plain(Duration.ofSeconds(10));
    private Path directory;
    private NodeSpec spec;
    private Path temporary;

    @BeforeEach
    void prepare() throws IOException {
        directory = Files.createDirectories(Build.directory("executable-war"));
        List<Integer> ports = FreePorts.take(2);
        spec = new NodeSpec("node1", ports.get(0), ports.get(1), directory.resolve("data"));
        temporary = Files.createDirectories(directory.resolve("tmp"));
    }

    @Test
    void helpAndVersionAnswerWithoutStartingAnything() throws IOException {
        Ended help = run(Map.of(), "--help");
        assertEquals(0, help.code(), help::toString);
        assertTrue(help.out().contains("--port PORT"), help::toString);
        assertEquals("", help.error());

        Ended version = run(Map.of(), "--version");
        assertEquals(0, version.code(), version::toString);
        assertTrue(version.out().matches("raftkv [0-9]+\\.[0-9]+\\.[0-9]+\\S*\\R"), version::toString);
        assertEquals(List.of(), unpacked());
    }

    @Test
    void aWrongOptionOrSettingIsToldTheRightOne() throws IOException {
        Ended option = run(Map.of(), "--prot", "2221");
        assertEquals(2, option.code(), option::toString);
        assertTrue(option.error().startsWith("--prot is no option: did you mean --port?"), option::toString);
        assertEquals("", option.out());

        Ended setting = run(Map.of("SERVER_PORT", "abc"));
        assertEquals(2, setting.code(), setting::toString);
        assertEquals(
                "SERVER_PORT (environment variable) is abc: give a port from 1 to 65535",
                setting.error().strip());
        assertEquals(List.of(), unpacked());
    }

    @Test
    void aPortInUseIsToldBeforeTheNodeIsTouched() throws IOException {
        try (ServerSocket taken = new ServerSocket(spec.httpPort())) {
            Ended ended = run(Map.of(), "--port=" + taken.getLocalPort(), "--data=" + spec.dataDirectory());
            assertEquals(1, ended.code(), ended::toString);
            assertTrue(
                    ended.error().strip().startsWith("cannot listen on the HTTP port " + taken.getLocalPort()),
                    ended::toString);
            assertEquals(1, ended.error().lines().count(), ended::toString);
        }
        assertFalse(Files.exists(spec.dataDirectory()));
        assertEquals(List.of(), unpacked());
    }

    @Test
    void aSignalStopsItInOrderAndItsDataIsKeptAlsoIfTheFilesThatItCameFromAreGone() throws IOException {
        Path copy = Files.copy(Build.war(), directory.resolve("raftkv.war"));
        ExecutableWar war = new ExecutableWar(copy, Build.deploy());
        String url = "http://127.0.0.1:" + spec.httpPort() + "/kv";
        try (ServerProcess server = start(war, "--context-path=/kv")) {
            server.awaitOk(url + "/raft/stats", START_LIMIT);
            assertEquals(
                    url,
                    http.get(url + "/raft/stats")
                            .json()
                            .path("data")
                            .path("leader_http_address")
                            .asText());
            assertEquals(
                    200,
                    http.post(url + "/store", "{\"key\": \"k\", \"value\": 1.50}")
                            .status());
            for (String hidden :
                    List.of("/WEB-INF/web.xml", "/WEB-INF/launch/jvm.options", "/dev/raftkv/launch/Main.class")) {
                assertEquals(404, http.get(url + hidden).status(), hidden);
            }
            assertEquals(
                    404,
                    http.get("http://127.0.0.1:" + spec.httpPort() + "/raft/stats")
                            .status());

            Stream<String> watch = watch(url + "/watch?prefix=k");

            // As an upgrade and a cleaner of temporary files do.
            Files.write(copy, new byte[] {1});
            FileTree.delete(temporary);
            server.stop();
            assertTrue(watch.toList().contains("event: end"), "a watch was cut");
            assertTrue(server.log().contains(" stopped"), server::logTail);
            assertFalse(server.log().contains("Exception"), server::logTail);
            assertFalse(server.log().contains("Error"), server::logTail);
        }
        Files.createDirectories(temporary);
        try (ServerProcess server = start(new ExecutableWar(Build.war(), Build.deploy()))) {
            server.awaitOk(spec.url("/raft/stats"), START_LIMIT);
            Reply reply = http.get(spec.url("/store/k"));
            assertTrue(reply.text().contains("1.50"), reply::toString);
            server.stop();
        }
        assertEquals(List.of(), unpacked());
    }

    @Test
    void aNodeThatCannotStartEndsTheProcessAndTheLastLineSaysWhy() throws IOException {
        Ended ended = run(Map.of("RAFT_PORT", "none"), "--port=" + spec.httpPort(), "--data=" + spec.dataDirectory());

        assertEquals(1, ended.code(), ended::toString);
        String log = ended.out() + ended.error();
        assertFalse(log.contains("Exception"), log);
        assertFalse(log.contains("HTTP at"), log);
        String last = log.strip().lines().reduce((before, line) -> line).orElse("");
        assertTrue(
                last.endsWith("this node did not start: RAFT_PORT=none (environment variable): give a port from 1 to"
                        + " 65535. Correct this, then start the node again."),
                log);
        assertFalse(Files.exists(spec.dataDirectory()));
        assertEquals(List.of(), unpacked());
    }

    @Test
    void aRaftPortInUseEndsTheProcessAndLeavesTheDirectoryToWhomeverStartsRight() throws IOException {
        try (ServerSocket taken = new ServerSocket(spec.raftPort(), 1, InetAddress.getByName("127.0.0.1"))) {
            Ended ended = run(
                    Map.of(),
                    "--port=" + spec.httpPort(),
                    "--raft-port=" + taken.getLocalPort(),
                    "--data=" + spec.dataDirectory());
            assertEquals(1, ended.code(), ended::toString);
            String log = ended.out() + ended.error();
            assertTrue(log.contains("the Raft port 127.0.0.1:" + taken.getLocalPort()), log);
            assertFalse(log.contains("leads the cluster"), log);
            assertFalse(log.contains("Exception:"), log);
        }
        // The right start may have another name and port.
        List<Integer> ports = FreePorts.take(2);
        NodeSpec right = new NodeSpec("node7", ports.get(0), ports.get(1), spec.dataDirectory());
        try (ServerProcess server = ServerProcess.start(new ExecutableWar(Build.war(), Build.deploy())
                .node(right, directory)
                .with("JDK_JAVA_OPTIONS", options()))) {
            server.awaitOk(right.url("/raft/stats"), START_LIMIT);
            server.stop();
        }
    }

    /** One that does not fit is no reason not to start. */
    @Test
    void anArchiveOfClassesIsMadeBesideTheWarAndUsedAndIsNeverInTheWay() throws IOException {
        Path war = Files.copy(Build.war(), directory.resolve("raftkv.war"));
        Path archive = directory.resolve("raftkv.jsa");
        ServerCommand command = new ExecutableWar(war, Build.deploy()).command(List.of("--cds"), Map.of(), directory);
        List<String> words = new ArrayList<>(command.words());
        words.add(1, options());
        Ended made = run(new ProcessBuilder(words));
        assertEquals(0, made.code(), made::toString);
        assertTrue(made.out().startsWith(archive + " is made."), made::toString);
        assertEquals(Files.getPosixFilePermissions(war), Files.getPosixFilePermissions(archive));
        assertEquals(List.of(), unpacked());

        String use = options() + " -XX:SharedArchiveFile=" + archive;
        Path loaded = directory.resolve("loaded");
        try (ServerProcess server = ServerProcess.start(new ExecutableWar(war, Build.deploy())
                .node(spec, directory)
                .with("JDK_JAVA_OPTIONS", use + " -Xlog:class+load:file=" + loaded))) {
            server.awaitOk(spec.url("/raft/stats"), START_LIMIT);
            assertFalse(server.log().contains("starts slower"), server::logTail);
            server.stop();
        }
        String classes = Files.readString(loaded);
        for (String each : List.of(
                "dev.raftkv.launch.Launcher",
                "org.eclipse.jetty.server.Server",
                "dev.raftkv.rest.RestApplication",
                "org.apache.ratis.server.impl.RaftServerImpl",
                "com.sleepycat.je.Environment")) {
            assertTrue(classes.contains(each + " source: shared objects file (top)"), each);
        }

        Files.setLastModifiedTime(war, FileTime.from(Instant.now().plus(Duration.ofHours(1))));
        try (ServerProcess server = ServerProcess.start(
                new ExecutableWar(war, Build.deploy()).node(spec, directory).with("JDK_JAVA_OPTIONS", use))) {
            server.awaitOk(spec.url("/raft/stats"), START_LIMIT);
            assertTrue(server.log().contains(archive + ", which is older than the WAR"), server::logTail);
            server.stop();
        }
    }

    @Test
    void theLogSaysEachSettingThatWasGivenAndWhereTheDataIs() throws IOException {
        try (ServerProcess server = start(new ExecutableWar(Build.war(), Build.deploy()))) {
            server.awaitOk(spec.url("/raft/stats"), START_LIMIT);
            String log = server.log();
            assertTrue(log.contains("data in " + spec.dataDirectory()), log);
            assertTrue(log.contains("with RAFT_PORT=" + spec.raftPort() + " (command line)\n"), log);
            assertFalse(log.contains("RAFT_CACHE_MB"), log);
            server.stop();
        }
    }

    /** The data directory hangs on the working directory if it is not given: the node has no way to know of the other one. */
    @Test
    void aNodeThatFindsNoDataWhereItWasStartedSaysThatItBeginsANewCluster() throws IOException {
        Path usual = directory.resolve("usual");
        assertEquals(List.of(usual), newClusters(startIn(usual)));
        assertEquals(List.of(), newClusters(startIn(usual)));
        Path other = directory.resolve("other");
        assertEquals(List.of(other), newClusters(startIn(other)));
    }

    /** What a node without --data logs that is started and stopped in a directory. */
    private String startIn(Path working) throws IOException {
        ServerCommand command = new ExecutableWar(Build.war(), Build.deploy())
                .command(
                        List.of("--port=" + spec.httpPort(), "--raft-port=" + spec.raftPort()),
                        Map.of("JDK_JAVA_OPTIONS", options()),
                        working);
        Files.deleteIfExists(command.log());
        try (ServerProcess server = ServerProcess.start(command)) {
            server.awaitOk(spec.url("/raft/stats"), START_LIMIT);
            server.stop();
            return server.log();
        }
    }

    /** The working directories of nodes that warn of founding a new cluster. */
    private List<Path> newClusters(String log) {
        return Pattern.compile("(?m)^\\S+ WARN .* (/\\S+)/raftkv-data/node1 holds no data: node node1@127.0.0.1:"
                        + spec.raftPort() + " starts alone, as the leader of a new cluster$")
                .matcher(log)
                .results()
                .map(found -> Path.of(found.group(1)))
                .toList();
    }

    @Test
    void theLogIsJsonIfAskedForAndTellsWhyANodeDidNotStart() throws IOException {
        Ended ended = run(
                Map.of("RAFT_LOG_FORMAT", "json", "RAFT_PORT", "none"),
                "--port=" + spec.httpPort(),
                "--data=" + spec.dataDirectory());
        assertEquals(1, ended.code(), ended::toString);
        List<JsonNode> events = new ArrayList<>();
        for (String line : (ended.out() + ended.error())
                .lines()
                .filter(line -> !line.startsWith("NOTE: Picked up JDK_JAVA_OPTIONS"))
                .toList()) {
            events.add(JSON.readTree(line));
        }
        JsonNode failure = events.get(events.size() - 1);
        assertEquals("ERROR", failure.path("level").asText());
        assertTrue(failure.path("message").asText().contains("RAFT_PORT=none"), failure::toString);
        assertTrue(Instant.parse(failure.path("time").asText()).isBefore(Instant.now()));
        assertEquals("dev.raftkv.web.NodeListener", failure.path("logger").asText());
    }

    @Test
    void withoutJvmOptionsTheJvmHasTheSystemPropertiesOfThemAndAnOwnOneStays() throws IOException {
        List<String> words = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.util.concurrent.ForkJoinPool.common.parallelism=3",
                "-Djava.io.tmpdir=" + temporary,
                "-jar",
                Build.war().toString());
        ServerCommand command = new ServerCommand(words, spec.environment(), directory, directory.resolve("node.log"));
        try (ServerProcess server = ServerProcess.start(command)) {
            server.awaitOk(spec.url("/raft/stats"), START_LIMIT);
            String jcmd =
                    Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
            String properties = run(new ProcessBuilder(jcmd, Long.toString(server.pid()), "VM.system_properties"))
                    .out();
            assertTrue(properties.contains("java.util.concurrent.ForkJoinPool.common.parallelism=3\n"), properties);
        }
    }

    @Test
    void aKilledNodeLeavesFilesThatTheNextLaunchDeletesAndARunningOneKeepsIts() throws IOException {
        ExecutableWar war = new ExecutableWar(Build.war(), Build.deploy());
        try (ServerProcess killed = start(war)) {
            killed.awaitOk(spec.url("/raft/stats"), START_LIMIT);
            killed.kill();
        }
        List<Path> left = unpacked();
        assertEquals(1, left.size(), left::toString);
        age(left.get(0));
        List<Integer> ports = FreePorts.take(2);
        NodeSpec second = new NodeSpec("node2", ports.get(0), ports.get(1), directory.resolve("data2"));
        try (ServerProcess running = start(war)) {
            running.awaitOk(spec.url("/raft/stats"), START_LIMIT);
            eventually(SHORT_LIMIT, () -> assertFalse(Files.exists(left.get(0))));
            age(unpacked().get(0));
            ServerCommand command =
                    war.node(second, directory.resolve("second")).with("JDK_JAVA_OPTIONS", options());
            try (ServerProcess next = ServerProcess.start(command)) {
                next.awaitOk(second.url("/raft/stats"), START_LIMIT);
                next.stop();
            }
            assertEquals(1, unpacked().size());
            assertEquals(200, http.get(spec.url("/raft/stats")).status());
        }
    }

    /** The lines of a watch that has begun. */
    private static Stream<String> watch(String url) {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(url)).timeout(SHORT_LIMIT).build();
        return HttpClient.newHttpClient()
                .sendAsync(request, BodyHandlers.ofLines())
                .thenApply(HttpResponse::body)
                .join();
    }

    /** @param out what it wrote to its standard output, and {@code error} to the other */
    private record Ended(int code, String out, String error) {}

    private Ended run(Map<String, String> environment, String... options) throws IOException {
        ServerCommand command =
                new ExecutableWar(Build.war(), Build.deploy()).command(List.of(options), environment, directory);
        List<String> words = new ArrayList<>(command.words());
        words.add(1, options());
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().putAll(environment);
        return run(builder);
    }

    private Ended run(ProcessBuilder builder) throws IOException {
        Path out = directory.resolve("out");
        Path error = directory.resolve("error");
        Process process = builder.redirectOutput(out.toFile())
                .redirectError(error.toFile())
                .start();
        try {
            assertTrue(process.waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS), () -> builder.command() + " hangs");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(error));
    }

    private ServerProcess start(ExecutableWar war, String... moreOptions) throws IOException {
        return ServerProcess.start(war.node(spec, directory, moreOptions).with("JDK_JAVA_OPTIONS", options()));
    }

    private String options() {
        return "-Djava.io.tmpdir=" + temporary;
    }

    private List<Path> unpacked() throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.filter(file -> file.getFileName().toString().startsWith("raftkv-"))
                    .toList();
        }
    }

    private static void age(Path directory) throws IOException {
        Files.setLastModifiedTime(directory, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
    }
}
