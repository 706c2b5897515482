package dev.raftkv.raft;

import dev.raftkv.kv.PeriodicTask;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
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
    private final Map<PeriodicTask, ScheduledExecutorService> tasks = new ConcurrentHashMap<>();

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

    /** They do what is due, and nothing that waits for the disk, the network or another thread: all deadlines share them. */
    ScheduledExecutorService timer() {
        return timer;
    }

    /** Repeats a step on the timer; only for what may be done there. */
    void repeatOnTimer(String task, Duration pause, Runnable step) {
        repeat(task, pause, step, timer);
    }

    /** Repeats a step that may take its time, on a thread of its own. */
    void repeat(String task, Duration pause, Runnable step) {
        repeat(task, pause, step, Executors.newSingleThreadScheduledExecutor(factory(task)));
    }

    private void repeat(String name, Duration pause, Runnable step, ScheduledExecutorService on) {
        PeriodicTask task = new PeriodicTask(name(name), step);
        tasks.put(task, on);
        task.start(on, pause);
    }

    /** Does something once that may take its time. */
    void once(String job, Runnable step) {
        factory(job).newThread(step).start();
    }

    /** How often the steps of each task have failed. */
    Map<String, Long> taskFailures() {
        Map<String, Long> failures = new TreeMap<>();
        tasks.keySet().forEach(task -> failures.put(task.name().substring(name("").length()), task.failures()));
        return failures;
    }

    /** Begins nothing more that is due. What is under way goes on. */
    void stopTasks() {
        timer.shutdown();
        tasks.values().forEach(ScheduledExecutorService::shutdown);
    }

    @Override
    public void close() {
        stopTasks();
        answers.shutdown();
        wakes.shutdown();
    }
}
