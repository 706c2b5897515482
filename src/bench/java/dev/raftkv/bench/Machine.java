package dev.raftkv.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalDouble;

/** The machine that a run is on. */
final class Machine {
    private static final int SYNCS = 200;
    private static final int SYNC_BYTES = 512;

    /** What the system calls a hundredth of a second here, as all Linux does for programs. */
    private static final double TICKS_PER_SECOND = 100;

    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
    private static final Path LOAD = Path.of("/proc/stat");

    private Machine() {}

    /** In a sentence, with what a write costs on the disk of the directory. */
    static String describe(Path directory) throws IOException {
        com.sun.management.OperatingSystemMXBean system =
                (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return String.format(
                Locale.ROOT,
                "%d processors%s, %.0f GiB of memory, %s %s, Java %s; a sync of the disk (%s) takes %.2f ms",
                system.getAvailableProcessors(),
                model(),
                system.getTotalMemorySize() / 1024.0 / 1024 / 1024,
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("java.version"),
                Files.getFileStore(directory).type(),
                syncMillis(directory));
    }

    private static String model() throws IOException {
        if (!Files.isReadable(PROCESSORS)) {
            return "";
        }
        return Files.readAllLines(PROCESSORS).stream()
                .filter(line -> line.startsWith("model name"))
                .findFirst()
                .map(line -> " (" + line.substring(line.indexOf(':') + 1).strip() + ")")
                .orElse("");
    }

    /** The median of appends that are synced one by one. */
    private static double syncMillis(Path directory) throws IOException {
        Path file = Files.createTempFile(directory, "sync", ".bin");
        long[] nanos = new long[SYNCS];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (int sync = 0; sync < SYNCS; sync++) {
                long begun = System.nanoTime();
                channel.write(ByteBuffer.allocate(SYNC_BYTES));
                channel.force(false);
                nanos[sync] = System.nanoTime() - begun;
            }
        } finally {
            Files.delete(file);
        }
        Arrays.sort(nanos);
        return nanos[SYNCS / 2] / 1e6;
    }

    /** How long all processors together have worked since the machine started, in seconds; empty if it does not tell. */
    static OptionalDouble busySeconds() {
        if (!Files.isReadable(LOAD)) {
            return OptionalDouble.empty();
        }
        String[] words = firstLine(LOAD).split(" +");
        double ticks = 0;
        // user, nice, system, idle, iowait, irq, softirq, steal
        for (int column : new int[] {1, 2, 3, 6, 7, 8}) {
            ticks += Double.parseDouble(words[column]);
        }
        return OptionalDouble.of(ticks / TICKS_PER_SECOND);
    }

    private static String firstLine(Path file) {
        try {
            return Files.readAllLines(file).get(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int processors() {
        return Runtime.getRuntime().availableProcessors();
    }
}
