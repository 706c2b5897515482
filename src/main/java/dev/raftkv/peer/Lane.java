package dev.raftkv.peer;

import dev.raftkv.access.Seals;
import dev.raftkv.peer.NoAnswerException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends requests of one purpose to other nodes, a limited number at a time, on threads of its own. A request is sent at most once,
 * as a second copy of a write could undo what came between them; but the JDK may repeat a GET or HEAD whose connection breaks.
 */
public final class Lane implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);
    private static final Duration IDLE = Duration.ofSeconds(10);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration CUT_AGAIN = Duration.ofMillis(5);

    private final NodeHttp http;
    private final ThreadPoolExecutor threads;
    private final Set<Exchange> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    Lane(NodeHttp http, String name, int threads, int waiting) {
        this.http = http;
        this.threads = new ThreadPoolExecutor(
                threads,
                threads,
                IDLE.toSeconds(),
                TimeUnit.SECONDS,
                waiting == 0 ? new SynchronousQueue<>() : new ArrayBlockingQueue<>(waiting),
                named(name));
        this.threads.allowCoreThreadTimeOut(true);
    }

    private static ThreadFactory named(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /**
     * Never blocks. The future ends with an answer of whatever status, whose body may still be on its way, or with a
     * {@link NoAnswerException}. Whoever cancels it cuts the request off.
     */
    public CompletableFuture<NodeAnswer> send(NodeRequest request) {
        CompletableFuture<NodeAnswer> answer = new CompletableFuture<>();
        long asked = System.nanoTime();
        try {
            threads.execute(() -> carryOut(request, asked, answer));
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(closed ? closing() : full(e));
        }
        return answer;
    }

    private void carryOut(NodeRequest request, long asked, CompletableFuture<NodeAnswer> answer) {
        try {
            if (System.nanoTime() - asked > LONGEST_WAIT.toNanos()) {
                throw full(null);
            }
            Exchange exchange = begin(request);
            answer.whenComplete((got, failure) -> {
                if (answer.isCancelled()) {
                    exchange.cut();
                }
            });
            NodeAnswer got = exchange.ask(threads);
            http.heed(request, got);
            if (!answer.complete(got)) {
                got.close();
            }
        } catch (NoAnswerException e) {
            answer.completeExceptionally(e);
        } catch (RuntimeException | Error e) {
            LOG.error("a request to {} broke off", request.url(), e);
            answer.completeExceptionally(new NoAnswerException(Reason.UNKNOWN, e.toString(), e));
        }
    }

    private Exchange begin(NodeRequest request) throws NoAnswerException {
        try {
            Optional<Seals.Made> seal = http.seal(request);
            Exchange exchange = new Exchange(request, http.open(request, seal), seal, open::remove);
            open.add(exchange);
            if (closed) {
                // Whoever closes may have looked before.
                exchange.cut();
            }
            return exchange;
        } catch (IOException | IllegalArgumentException e) {
            throw new NoAnswerException(Reason.UNREACHABLE, e.toString(), e);
        }
    }

    private static NoAnswerException closing() {
        return new NoAnswerException(Reason.CLOSED, "this node is stopping", null);
    }

    private static NoAnswerException full(Throwable cause) {
        return new NoAnswerException(Reason.LANE_FULL, "too many requests wait", cause);
    }

    /**
     * Cuts what is under way off, also what has been answered and is being read, and sends nothing more. Leaves no thread
     * behind, but for one that is in the middle of a body whose node is silent: that one ends with the silence.
     */
    @Override
    public void close() {
        closed = true;
        threads.shutdown();
        long deadline = System.nanoTime() + CLOSE_TIMEOUT.toNanos();
        try {
            do {
                open.forEach(Exchange::cut);
            } while (!threads.awaitTermination(CUT_AGAIN.toMillis(), TimeUnit.MILLISECONDS)
                    && System.nanoTime() < deadline);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
