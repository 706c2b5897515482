package dev.raftkv.launch;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Tells who waits how far long work is, a line each second. Belongs to one thread at a time. */
final class ProgressLine {
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);
    private static final double MB = 1e6;

    private final PrintStream out;
    private final long begun = System.nanoTime();
    private long shown = begun;

    ProgressLine(PrintStream out) {
        this.out = out;
    }

    /** Shows it, if the last line was shown a while ago. */
    synchronized void show(String what, long bytes) {
        long now = System.nanoTime();
        if (now - shown >= PAUSE) {
            say(String.format(Locale.ROOT, "%s %.1f MB", what, bytes / MB));
        }
    }

    /** Shows it now. */
    synchronized void say(String sentence) {
        shown = System.nanoTime();
        out.println(TimeUnit.NANOSECONDS.toSeconds(shown - begun) + " s: " + sentence);
    }
}
