package dev.raftkv.launch;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A node in a process of its own, alone and on loopback, that runs for a moment and does a bit of everything. */
final class Rehearsal implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration STOP_LIMIT = Duration.ofMinutes(2);
    private static final Duration REQUEST_LIMIT = Duration.ofSeconds(20);
    private static final long PAUSE_MILLIS = 50;
    private static final int OK = 200;
    private static final String LOOPBACK = "127.0.0.1";

    /** So often that what a node does later than at once has happened too. */
    private static final int ROUNDS = 5;

    private static final List<Asked> PIECE = List.of(
            new Asked("POST", "store", "{\"key\": \"a/b\", \"value\": {\"c\": [1.50, \"d\"]}, \"ttl\": 60}"),
            new Asked("PUT", "store/e", "[true, null]"),
            new Asked("GET", "store/a/b", ""),
            new Asked("GET", "store/a/b?consistency=linearizable", ""),
            new Asked("GET", "store?prefix=a/&limit=1", ""),
            new Asked("GET", "store?prefix=a/&count_only", ""),
            new Asked(
                    "POST",
                    "txn",
                    "{\"if\": [{\"key\": \"e\", \"exists\": true}], \"then\": [{\"put\": \"f\", \"value\": 1}, {\"get\": \"e\"}],"
                            + " \"else\": [{\"delete\": \"e\"}]}"),
            new Asked("GET", "watch?from_revision=1&wait=0", ""),
            new Asked("DELETE", "store/e", ""),
            new Asked("GET", "raft/stats", ""),
            new Asked("GET", "raft/cluster", ""),
            new Asked("GET", "raft/log?last=5", ""),
            new Asked("POST", "raft/snapshot", ""),
            new Asked("GET", "backup", ""),
            new Asked("GET", "metrics", ""),
            new Asked("GET", "", ""));

    private final Process process;
    private final Path output;
    private final URI node;
    private final HttpClient client = HttpClient.newHttpClient();

    private record Asked(String method, String path, String body) {}

    private Rehearsal(Process process, Path output, URI node) {
        this.process = process;
        this.output = output;
        this.node = node;
    }

    /**
     * @param jvm switches
     * @param directory for its data and its output, not deleted here
     */
    static Rehearsal start(List<String> jvm, Path war, Path directory) throws IOException {
        Ports ports = Ports.free();
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(jvm);
        words.addAll(List.of("-jar", war.toString()));
        words.add(LaunchOption.PORT.flag() + "=" + ports.http());
        words.add(LaunchOption.HTTP_HOST.flag() + "=" + LOOPBACK);
        words.add(LaunchOption.RAFT_PORT.flag() + "=" + ports.raft());
        words.add(LaunchOption.DATA.flag() + "=" + directory.resolve("data"));
        Path output = directory.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(words);
        // It is nobody's node, and its JVM has been told all that this one was.
        builder.environment().keySet().removeIf(Rehearsal::isSetting);
        builder.redirectErrorStream(true).redirectOutput(output.toFile());
        Process process = builder.start();
        // Whoever ends this program ends that node too.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly, "raftkv-rehearsal-end"));
        return new Rehearsal(process, output, URI.create("http://" + LOOPBACK + ":" + ports.http() + "/"));
    }

    private record Ports(int http, int raft) {
        private static Ports free() throws IOException {
            InetAddress loopback = InetAddress.getByName(LOOPBACK);
            try (ServerSocket http = new ServerSocket(0, 1, loopback);
                    ServerSocket raft = new ServerSocket(0, 1, loopback)) {
                return new Ports(http.getLocalPort(), raft.getLocalPort());
            }
        }
    }

    private static boolean isSetting(String variable) {
        return variable.startsWith("RAFT_")
                || variable.equals("SERVER_PORT")
                || variable.equals("JDK_JAVA_OPTIONS")
                || variable.equals("JAVA_TOOL_OPTIONS")
                || variable.equals("_JAVA_OPTIONS");
    }

    /** Waits for the node, and lets it do its piece. */
    void perform() throws IOException, LaunchException {
        try {
            awaitReady();
            for (int round = 0; round < ROUNDS; round++) {
                for (Asked each : PIECE) {
                    int status = ask(each);
                    if (status != OK) {
                        throw new IOException(each.method() + " /" + each.path() + " was answered " + status);
                    }
                }
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private void awaitReady() throws IOException, LaunchException, InterruptedException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (!isReady()) {
            if (!process.isAlive()) {
                throw new LaunchException(
                        LaunchException.EXIT_FAILED, "the node that was started for it has ended: " + lastLine());
            }
            if (System.nanoTime() > deadline) {
                throw new LaunchException(
                        LaunchException.EXIT_FAILED,
                        "the node that was started for it was not ready within " + START_LIMIT.toSeconds() + " s: "
                                + lastLine());
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    private boolean isReady() throws InterruptedException {
        try {
            return ask(new Asked("GET", "health/ready", "")) == OK;
        } catch (IOException e) {
            // Not there yet, or not any more, which its process tells.
            return false;
        }
    }

    private int ask(Asked asked) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(node.resolve(asked.path()))
                .timeout(REQUEST_LIMIT)
                .header("Content-Type", "application/json")
                .method(
                        asked.method(),
                        asked.body().isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(asked.body()))
                .build();
        return client.send(request, BodyHandlers.discarding()).statusCode();
    }

    /** Stops it in order, and waits for that. */
    void end() throws LaunchException {
        process.destroy();
        try {
            if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new LaunchException(
                        LaunchException.EXIT_FAILED,
                        "the node that was started for it did not end within " + STOP_LIMIT.toSeconds() + " s: "
                                + lastLine());
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static LaunchException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new LaunchException("interrupted", e);
    }

    private String lastLine() {
        try {
            return Files.readString(output, Charset.defaultCharset())
                    .lines()
                    .reduce("it has said nothing", (before, line) -> line);
        } catch (IOException e) {
            return "what it has said cannot be read (" + e + ")";
        }
    }

    /** Ends it in any case. */
    @Override
    public void close() {
        process.destroyForcibly();
    }
}
