package dev.raftkv.raft;

import dev.raftkv.kv.PeriodicTask;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that a node has beside those of Ratis, Berkeley DB and HTTP, each for one {@link Purpose} and named after it
 * and the node. DESIGN.md has them in one table.
 */
public final class NodeThreads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeThreads.class);

    /** How long what is under way may go on at the end, and once more when it was interrupted. */
    private static final Duration LAST_WAIT = Duration.ofSeconds(2);

    /** What threads are for, and what they may wait for. */
    enum Purpose {
        /** Completes what clients wait for, and may write a short answer. */
        ANSWER(8),
        /** Tells watches that there is something for them, and may write it; waits for the disk if one is behind. */
        WATCH(2),
        /** Does what is due, and waits for no disk, no network and no other thread: all deadlines share them. */
        TIMER(2),
        /** Makes entries and hands them to Ratis; waits for the entry before, and for room in Ratis. */
        COMMIT(1),
        /** Changes the membership, one change after the other; waits for other nodes, minutes if need be. */
        MEMBERS(1),
        /** Looks whether the leader has gone; waits for other nodes, an election timeout at most. */
        SUCCESSION(1),
        /** Asks one member for its vote; waits for it. */
        VOTE(Integer.MAX_VALUE),
        /** Proposes that keys expire; waits for the store. */
        EXPIRY(1),
        /** Looks whether work on the log goes on; waits for a locked log, a tenth of a second at most. */
        PROGRESS(1),
        /** The round of the care; waits for the disk, for another opening of Raft, and for a handover. */
        CARE(1),
        /** Speaks to other nodes; waits for the network and for nothing else. */
        WIRE(2),
        /** Reads what one other node sends; waits for Ratis to take entries. */
        GUEST(8),
        /** Does what takes time in a TLS handshake; waits for nothing. */
        HANDSHAKE(2),
        /** Answers what other nodes ask for at the Raft port; waits for the disk, and for other nodes. */
        REQUEST(8),
        /** Looks whether the node has become a member; waits for the disk. */
        MEMBERSHIP(1),
        /** Hands the leadership over because work stands still; waits for the stop timeout at most. Seldom: with a back-off. */
        STEP_ASIDE(1),
        /** Closes a group that has failed, once; waits for Ratis. */
        CLOSE(1);

        private final int most;

        Purpose(int most) {
            this.most = most;
        }

        int most() {
            return most;
        }

        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private final String nodeId;
    private final Set<Thread> running = ConcurrentHashMap.newKeySet();
    private final ExecutorService answers;
    private final ExecutorService wakes;
    private final ScheduledExecutorService timer;
    private final Map<PeriodicTask, ScheduledExecutorService> tasks = new ConcurrentHashMap<>();

    public NodeThreads(String nodeId) {
        this.nodeId = nodeId;
        this.answers = Executors.newFixedThreadPool(Purpose.ANSWER.most, factory(Purpose.ANSWER));
        this.wakes = Executors.newFixedThreadPool(Purpose.WATCH.most, factory(Purpose.WATCH));
        this.timer = Executors.newScheduledThreadPool(Purpose.TIMER.most, factory(Purpose.TIMER));
    }

    private String name(String job) {
        return "raftkv-" + nodeId + "-" + job;
    }

    /** Makes threads that end with the node. */
    ThreadFactory factory(Purpose purpose) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(() -> run(task), name(purpose.label()) + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    private void run(Runnable task) {
        running.add(Thread.currentThread());
        try {
            task.run();
        } finally {
            running.remove(Thread.currentThread());
        }
    }

    /** They complete what clients wait for. */
    public Executor answers() {
        return answers;
    }

    /** They tell watches of changes. */
    public Executor wakes() {
        return wakes;
    }

    /** See {@link Purpose#TIMER}. */
    ScheduledExecutorService timer() {
        return timer;
    }

    /** Repeats a step on the timer; only for what may be done there. */
    void repeatOnTimer(String task, Duration pause, Runnable step) {
        repeat(task, pause, step, timer);
    }

    /** Repeats a step on a thread of its own. */
    void repeat(Purpose purpose, Duration pause, Runnable step) {
        repeat(purpose.label(), pause, step, Executors.newSingleThreadScheduledExecutor(factory(purpose)));
    }

    private void repeat(String name, Duration pause, Runnable step, ScheduledExecutorService on) {
        PeriodicTask task = new PeriodicTask(name(name), step);
        tasks.put(task, on);
        task.start(on, pause);
    }

    /** Does something once, on a thread of its own. */
    void once(Purpose purpose, Runnable step) {
        factory(purpose).newThread(step).start();
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

    /** Ends all threads; what is under way gets a moment, and then is interrupted. */
    @Override
    public void close() {
        stopTasks();
        answers.shutdown();
        wakes.shutdown();
        if (!haveEnded()) {
            running.forEach(Thread::interrupt);
            if (!haveEnded()) {
                List<String> left =
                        running.stream().map(Thread::getName).sorted().toList();
                LOG.warn("node {} has stopped, and these threads go on: {}", nodeId, left);
            }
        }
    }

    private boolean haveEnded() {
        long deadline = System.nanoTime() + LAST_WAIT.toNanos();
        try {
            for (Thread thread : running) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (thread != Thread.currentThread() && left > 0) {
                    thread.join(left);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return running.stream().noneMatch(thread -> thread != Thread.currentThread());
    }
}
