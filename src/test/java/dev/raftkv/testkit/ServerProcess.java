package dev.raftkv.testkit;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** A server in a process of its own, whose output goes to a file. */
public final class ServerProcess implements AutoCloseable {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(10);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final int TAIL_LINES = 25;

    private final ProcessHandle process;
    private final Path log;

    private ServerProcess(ProcessHandle process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts it and does not wait for it. */
    public static ServerProcess start(ServerCommand command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command.words())
                .directory(command.directory().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(command.log().toFile()));
        Map<String, String> environment = builder.environment();
        environment
                .keySet()
                .removeIf(
                        name -> name.startsWith("RAFT_") || name.startsWith("CATALINA_") || name.startsWith("JETTY_"));
        environment.keySet().removeAll(List.of("SERVER_PORT", "JAVA_OPTS", "CLASSPATH"));
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.putAll(command.environment());
        Process process = builder.start();
        process.getOutputStream().close();
        return new ServerProcess(process.toHandle(), command.log());
    }

    /** A server that somebody else has started. */
    public static ServerProcess of(ProcessHandle process, Path log) {
        return new ServerProcess(process, log);
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public ProcessHandle handle() {
        return process;
    }

    /**
     * Waits until a GET of the URL is answered with 200, and returns the answer.
     *
     * @throws IllegalStateException if the process ends or the time is up, with what can be told about it
     */
    public String awaitOk(String url, Duration limit) {
        HttpClient client = HttpClient.newBuilder().connectTimeout(ANSWER_LIMIT).build();
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(url)).timeout(ANSWER_LIMIT).build();
        long end = System.nanoTime() + limit.toNanos();
        String last = "nothing";
        while (isAlive() && System.nanoTime() < end) {
            try {
                HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
                if (response.statusCode() == 200) {
                    return response.body();
                }
                last = response.statusCode() + " " + response.body().strip();
            } catch (IOException e) {
                last = e.toString();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        String what = isAlive() ? "is not ready after " + limit.toSeconds() + " s" : "has ended";
        throw new IllegalStateException("The server of " + url + " " + what + "; its last answer: " + last
                + "\nThe end of " + log + ":\n" + logTail());
    }

    /**
     * Asks it to stop and waits for its end.
     *
     * @throws IllegalStateException if it had to be killed, because it did not stop in time
     */
    public void stop() {
        process.destroy();
        if (!awaitEnd(STOP_LIMIT)) {
            kill();
            throw new IllegalStateException("Process " + pid() + " did not stop within " + STOP_LIMIT.toSeconds()
                    + " s.\nThe end of " + log + ":\n" + logTail());
        }
    }

    /** Ends it as {@code kill -9} does, and waits for its end. */
    public void kill() {
        process.destroyForcibly();
        if (!awaitEnd(KILL_LIMIT)) {
            throw new IllegalStateException("Process " + pid() + " cannot be killed.");
        }
    }

    /** Whether it has ended within the limit. */
    public boolean awaitEnd(Duration limit) {
        try {
            process.onExit().get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return !isAlive();
        } catch (ExecutionException e) {
            throw new IllegalStateException("Process " + pid() + " cannot be watched: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !isAlive();
        }
    }

    /** All that it has written. */
    public String log() {
        return read(log);
    }

    /** The last lines that it has written. */
    public String logTail() {
        return logTail(log);
    }

    /** The last lines of a log. */
    public static String logTail(Path log) {
        List<String> lines = read(log).lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    }

    private static String read(Path log) {
        try {
            return Files.exists(log) ? Files.readString(log, StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + log, e);
        }
    }

    /** Kills it if it still runs. */
    @Override
    public void close() {
        if (isAlive()) {
            kill();
        }
    }
}
