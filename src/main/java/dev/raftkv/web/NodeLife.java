package dev.raftkv.web;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One start and one stop of a node, each on a thread of its own and waited for with a deadline. A step that is late is not
 * interrupted, which could damage the store, but left to end by itself. Used by one thread at a time.
 */
final class NodeLife {
    private static final Logger LOG = LoggerFactory.getLogger(NodeLife.class);

    private final Runnable start;
    private final Runnable close;
    private CompletableFuture<Void> started;
    private CompletableFuture<Void> closed;

    /**
     * @param start returns when the node is up, or throws with everything closed again
     * @param close returns when the node is closed; called only after a start that returned
     */
    NodeLife(Runnable start, Runnable close) {
        this.start = start;
        this.close = close;
    }

    /**
     * Starts the node. If that takes longer than the limit, the node is closed as soon as it is up.
     *
     * @throws KvException {@link Code#UNAVAILABLE} if the node is not up in time
     * @throws RuntimeException what the start threw
     */
    void start(Duration limit) {
        started = CompletableFuture.runAsync(start, onThread("raftkv-start"));
        try {
            await(started, limit);
        } catch (TimeoutException e) {
            closed = close();
            throw new KvException(
                    Code.UNAVAILABLE,
                    "it was not up within " + limit.toSeconds() + " seconds: look at its last lines in the log",
                    e);
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        }
    }

    /** Closes the node, if it was started. Returns after the limit at the latest; never throws. */
    void stop(Duration limit) {
        if (started == null || started.isCompletedExceptionally()) {
            return;
        }
        closed = closed == null ? close() : closed;
        try {
            await(closed, limit);
        } catch (TimeoutException e) {
            LOG.warn("the node is still closing after {} seconds; it goes on by itself", limit.toSeconds());
        } catch (ExecutionException e) {
            LOG.error("the node did not close as it should", e.getCause());
        }
    }

    private CompletableFuture<Void> close() {
        return started.thenRunAsync(close, onThread("raftkv-stop"));
    }

    private static Executor onThread(String name) {
        return step -> {
            Thread thread = new Thread(step, name);
            thread.setDaemon(true);
            thread.start();
        };
    }

    /** An interrupt of the waiting thread counts as the end of the time. */
    private static void await(CompletableFuture<Void> step, Duration limit)
            throws ExecutionException, TimeoutException {
        try {
            step.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (TimeoutException) new TimeoutException("interrupted").initCause(e);
        }
    }

    private static RuntimeException failure(Throwable cause) {
        return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
    }
}
