package dev.raftkv.lab.work;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** Threads that work until they are told to stop. */
final class Crew {
    private static final Duration END_LIMIT = Duration.ofSeconds(60);

    private final String name;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();

    /** @param name how the names of the threads begin */
    Crew(String name) {
        this.name = name;
    }

    /** What a thread does until it is told to stop; an interrupt ends it. */
    @FunctionalInterface
    interface Task {
        void work(BooleanSupplier stopped) throws InterruptedException;
    }

    void add(String thread, Task task) {
        Thread added = new Thread(
                () -> {
                    try {
                        task.work(stopped::get);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                name + "-" + thread);
        added.setDaemon(true);
        threads.add(added);
    }

    void start() {
        threads.forEach(Thread::start);
    }

    boolean isStopped() {
        return stopped.get();
    }

    boolean isAtWork() {
        return threads.stream().anyMatch(Thread::isAlive);
    }

    /** Lets all end what they do, and waits for them; bounded in time. */
    void stop() throws InterruptedException {
        stopped.set(true);
        for (Thread thread : threads) {
            thread.join(END_LIMIT.toMillis());
        }
    }

    /** Ends all of these at once, and waits for them; bounded in time. */
    static void end(Crew... crews) {
        for (Crew crew : crews) {
            crew.stopped.set(true);
            crew.threads.forEach(Thread::interrupt);
        }
        try {
            for (Crew crew : crews) {
                crew.stop();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
