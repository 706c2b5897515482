package dev.raftkv.lab;

import dev.raftkv.testkit.Access;
import dev.raftkv.testkit.Http;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What each node uses, each ten seconds: to a file of comma separated values, and at the end as a picture. */
final class Samples implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofSeconds(10);
    private static final List<String> NAMES =
            List.of("heap MiB", "RSS MiB", "descriptors", "threads", "data MiB", "log MiB");
    private static final double MIB = 1024 * 1024;
    /** A value that could not be had, because the node did not run or answer. */
    private static final double NONE = Double.NaN;

    private final Http http;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final LabCluster cluster;
    private final Path file;
    private final Picture picture = new Picture(NAMES);
    private final PrintWriter out;
    private final long start = System.nanoTime();

    Samples(LabCluster cluster, Access access, Path file) throws IOException {
        this.cluster = cluster;
        this.http = Http.plain(Duration.ofSeconds(2)).with(access);
        this.file = file;
        this.out = new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8), true);
    }

    void start() {
        out.println("seconds,node," + String.join(",", NAMES));
        timer.scheduleAtFixedRate(this::sample, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void sample() {
        double seconds = (System.nanoTime() - start) / 1e9;
        for (int index = 0; index < cluster.size(); index++) {
            LabNode node = cluster.node(index);
            if (node.isAlive()) {
                double[] values = {
                    heap(node),
                    status(node, "VmRSS") / 1024,
                    descriptors(node),
                    status(node, "Threads"),
                    size(node.data(), path -> !path.startsWith(node.data().resolve("archive"))) / MIB,
                    size(node.data(), path -> path.getFileName().toString().startsWith("log_")) / MIB
                };
                write(seconds, node.id(), values);
                picture.add(node.id(), seconds, values);
            }
        }
    }

    private void write(double seconds, String node, double[] values) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%.0f,%s", seconds, node));
        for (double value : values) {
            line.append(Double.isNaN(value) ? "," : String.format(Locale.ROOT, ",%.1f", value));
        }
        out.println(line);
    }

    private double heap(LabNode node) {
        try {
            return http.get(node.url("/metrics"))
                            .text()
                            .lines()
                            .filter(line -> line.startsWith("jvm_memory_used_bytes{area=\"heap\"}"))
                            .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                            .findFirst()
                            .orElse(NONE)
                    / MIB;
        } catch (IOException e) {
            return NONE;
        }
    }

    private static double status(LabNode node, String name) {
        try {
            return Files.readAllLines(Path.of("/proc/" + node.pid() + "/status")).stream()
                    .filter(line -> line.startsWith(name + ":"))
                    .mapToDouble(line -> Double.parseDouble(line.split("\\s+")[1]))
                    .findFirst()
                    .orElse(NONE);
        } catch (IOException e) {
            return NONE;
        }
    }

    private static double descriptors(LabNode node) {
        try (Stream<Path> links = Files.list(Path.of("/proc/" + node.pid() + "/fd"))) {
            return links.count();
        } catch (IOException e) {
            return NONE;
        }
    }

    /** What a store and its snapshots share counts once. */
    private static double size(Path directory, Predicate<Path> which) {
        try (Stream<Path> files = Files.walk(directory)) {
            Map<Object, Long> sizes = new HashMap<>();
            for (Path file : (Iterable<Path>) files.filter(which)::iterator) {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                sizes.put(attributes.fileKey(), attributes.size());
            }
            return sizes.values().stream().mapToLong(Long::longValue).sum();
        } catch (IOException | UncheckedIOException e) {
            // A file has gone meanwhile.
            return NONE;
        }
    }

    /** Draws the picture beside the file. */
    @Override
    public void close() throws IOException {
        timer.shutdownNow();
        out.close();
        Files.writeString(file.resolveSibling("samples.svg"), picture.svg());
    }
}
