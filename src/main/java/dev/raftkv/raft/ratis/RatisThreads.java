package dev.raftkv.raft.ratis;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Timer;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.ratis.util.MemoizedSupplier;
import org.apache.ratis.util.TimeoutTimer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that no thread of Ratis outlives a web application. Its timer is a static singleton whose thread outlives every
 * server; its Netty threads go on for two quiet seconds after a server is closed. Containers report both as leaks.
 */
public final class RatisThreads {
    private static final Logger LOG = LoggerFactory.getLogger(RatisThreads.class);

    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final Duration NETTY_LIMIT = Duration.ofSeconds(5);
    private static final Duration FOLLOWER_LIMIT = Duration.ofSeconds(2);
    private static final String FOLLOWER = "-FollowerState";
    private static final String LEADER = "-LeaderStateImpl";

    private RatisThreads() {}

    /**
     * Cancels the timers and waits for the others, five seconds at most. No node of this class loader can run afterwards: for
     * the very end of a web application only.
     */
    public static void end() {
        cancelTimers();
        long deadline = System.nanoTime() + NETTY_LIMIT.toNanos();
        while (anyLeft() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    /**
     * Ends the thread by which a closed division waits for a leader. Ratis begins one when a leader steps down; if that happens
     * while the division is closed, the thread asks for the role alone, never for the division, and would go on for ever.
     * Waits for who steps down, two seconds at most.
     *
     * @param closed the threads of the division, or of its server
     */
    static void endFollowers(ThreadGroup closed) {
        long deadline = System.nanoTime() + FOLLOWER_LIMIT.toNanos();
        while (interruptFollowers(closed) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    /** Whether there may be any. */
    private static boolean interruptFollowers(ThreadGroup closed) {
        // Those that begin meanwhile are seen the next time, as whoever begins them is there now.
        Thread[] all = new Thread[2 * closed.activeCount() + 16];
        boolean any = false;
        for (Thread each : Arrays.copyOf(all, closed.enumerate(all))) {
            boolean follows = each.getName().endsWith(FOLLOWER);
            any |= follows || each.getName().endsWith(LEADER);
            if (follows) {
                each.interrupt();
            }
        }
        return any;
    }

    /** The threads of a node have the class loader of the web application as their context. */
    private static boolean anyLeft() {
        ClassLoader ours = RatisThreads.class.getClassLoader();
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread != Thread.currentThread() && thread.getContextClassLoader() == ours);
    }

    private static void cancelTimers() {
        try {
            var field = TimeoutTimer.class.getDeclaredField("timers");
            field.setAccessible(true);
            for (Object supplier : (List<?>) field.get(TimeoutTimer.getInstance())) {
                if (supplier instanceof MemoizedSupplier<?> timer && timer.isInitialized()) {
                    ((Timer) ((Supplier<?>) timer).get()).cancel();
                }
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.warn("the timer thread of Ratis could not be ended; it keeps this application's classes in memory", e);
        }
    }
}
