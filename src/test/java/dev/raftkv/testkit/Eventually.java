package dev.raftkv.testkit;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for what servers do in their own time. The only place of the tests that waits by the clock. */
public final class Eventually {
    private static final Duration PAUSE = Duration.ofMillis(50);

    private Eventually() {}

    /** What is to hold at some time; it fails by throwing. */
    @FunctionalInterface
    public interface Check {
        void run() throws Exception;
    }

    /**
     * Runs the check until it passes.
     *
     * @throws AssertionError after the limit, with the last failure as its cause
     */
    public static void eventually(Duration limit, Check check) {
        eventually(limit, () -> {
            check.run();
            return null;
        });
    }

    /**
     * Calls until there is an answer, and returns it.
     *
     * @throws AssertionError after the limit, with the last failure as its cause
     */
    public static <T> T eventually(Duration limit, Callable<T> call) {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                return call.call();
            } catch (Exception | AssertionError e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new AssertionError("interrupted while waiting", e);
                }
                if (System.nanoTime() > end) {
                    throw new AssertionError("not within " + limit.toSeconds() + " s: " + e.getMessage(), e);
                }
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }
}
