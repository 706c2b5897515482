package dev.raftkv.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Nodes of runs that were killed: they run on, and hold memory. */
final class Leftovers {
    /** A file beside each node's log: the pid of the node, and that of the run. */
    static final String PID = "pid";

    private Leftovers() {}

    /** Kills those of runs below the directory that are no more. */
    static void kill(Path runs) throws IOException {
        if (!Files.exists(runs)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> walk = Files.walk(runs, 3)) {
            files = walk.filter(file -> file.getFileName().toString().equals(PID))
                    .toList();
        }
        for (Path file : files) {
            String[] pids = Files.readString(file).split(" ");
            Optional<ProcessHandle> node = ProcessHandle.of(Long.parseLong(pids[0]));
            if (node.isPresent()
                    && isOurs(node.get())
                    && ProcessHandle.of(Long.parseLong(pids[1])).isEmpty()) {
                node.get().destroyForcibly();
                Files.delete(file);
            }
        }
    }

    /** The number may be that of another process by now. */
    private static boolean isOurs(ProcessHandle process) {
        return process.info().commandLine().orElse("").contains("raftkv.war");
    }
}
