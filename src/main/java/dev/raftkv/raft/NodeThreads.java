package dev.raftkv.raft;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads that a node has beside those of Ratis, named after it and their job. */
final class NodeThreads implements AutoCloseable {
    private static final int ANSWERS = 8;
    private static final int WAKES = 2;
    private static final int TIMERS = 2;

    private final String nodeId;
    private final ExecutorService answers;
    private final ExecutorService wakes;
    private final ScheduledExecutorService timer;

    NodeThreads(String nodeId) {
        this.nodeId = nodeId;
        this.answers = Executors.newFixedThreadPool(ANSWERS, factory("answer"));
        this.wakes = Executors.newFixedThreadPool(WAKES, factory("watch"));
        this.timer = Executors.newScheduledThreadPool(TIMERS, factory("timer"));
    }

    String name(String job) {
        return "raftkv-" + nodeId + "-" + job;
    }

    ThreadFactory factory(String job) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name(job) + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** They complete what clients wait for. */
    ExecutorService answers() {
        return answers;
    }

    /** They tell watches of changes. */
    ExecutorService wakes() {
        return wakes;
    }

    /** They do what is due, and nothing long. */
    ScheduledExecutorService timer() {
        return timer;
    }

    @Override
    public void close() {
        timer.shutdown();
        answers.shutdown();
        wakes.shutdown();
    }
}
