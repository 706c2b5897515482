package dev.raftkv.lab;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What happened in a run, and when: to a file and the console. Thread-safe. */
final class Journal implements AutoCloseable {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

    private final PrintWriter file;
    private final long start = System.nanoTime();
    private final List<String> findings = new ArrayList<>();

    Journal(Path path) throws IOException {
        this.file = new PrintWriter(Files.newBufferedWriter(path, StandardCharsets.UTF_8), true);
    }

    /** One line, with the time since the start and of the day. */
    synchronized void say(String text) {
        String line = String.format(
                Locale.ROOT,
                "%s %+9.3f s  %s",
                LocalTime.now(ZoneId.systemDefault()).format(TIME),
                (System.nanoTime() - start) / 1e9,
                text);
        file.println(line);
        System.out.println(line);
    }

    /** The same of what must not be: the run has failed. */
    synchronized void find(String text) {
        findings.add(text);
        say("FOUND: " + text);
    }

    /** All that must not be. */
    synchronized List<String> findings() {
        return List.copyOf(findings);
    }

    @Override
    public synchronized void close() {
        file.close();
    }
}
