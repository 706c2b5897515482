package dev.raftkv.lab.fault;

import java.io.IOException;
import java.io.UncheckedIOException;

/** A process that stands still and goes on. */
public final class Signals {
    private Signals() {}

    /** SIGSTOP: it does nothing any more, and its sockets stay open. */
    public static void pause(long pid) throws IOException {
        Shell.run("sh", "-c", "kill -STOP " + pid);
    }

    /** SIGCONT; a process that has ended is left alone. */
    public static void resume(long pid) {
        try {
            Shell.run("sh", "-c", "kill -CONT " + pid + " || true");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
