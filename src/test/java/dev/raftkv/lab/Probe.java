package dev.raftkv.lab;

import dev.raftkv.testkit.Access;
import dev.raftkv.testkit.Http;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** Writes a key of its own all the time at all nodes, to know when the cluster takes writes. */
final class Probe implements AutoCloseable {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final Access access;
    private final List<String> urls;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final List<Long> successes = new ArrayList<>();

    /** @param urls of the nodes, without a slash at the end */
    Probe(Access access, List<String> urls) {
        this.access = access;
        this.urls = List.copyOf(urls);
    }

    void start() {
        for (int node = 0; node < urls.size(); node++) {
            String url = urls.get(node) + "/store/probe/" + node;
            Thread thread = new Thread(() -> write(url), "probe of " + url);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    private void write(String url) {
        Http http = Http.following(ANSWER_LIMIT).with(access);
        for (long number = 0; !stopped.get(); number++) {
            try {
                if (http.put(url, Long.toString(number)).status() == 200) {
                    succeeded();
                }
            } catch (IOException e) {
                // Whether it was written is all one: it was not acknowledged.
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private synchronized void succeeded() {
        successes.add(System.nanoTime());
        notifyAll();
    }

    /** Whether a write ended well after the time, once it did or the limit is over. */
    synchronized boolean awaitSuccess(long since, Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (successes.isEmpty() || successes.get(successes.size() - 1) <= since) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }

    /** The longest time without a successful write between these times of {@link System#nanoTime}. */
    synchronized Duration longestGap(long from, long to) {
        long last = from;
        long longest = 0;
        for (long success : successes) {
            if (success > from && success <= to) {
                longest = Math.max(longest, success - last);
                last = success;
            }
        }
        return Duration.ofNanos(Math.max(longest, to - last));
    }

    /** When it has returned, nothing is written any more. */
    @Override
    public void close() {
        stopped.set(true);
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
