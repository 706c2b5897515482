package dev.raftkv.rest.http;

import dev.raftkv.kv.PeriodicTask;
import dev.raftkv.ops.HttpMeter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Consumer;
import java.util.function.Function;

/** The only way to a response: takes requests from the container, and sends their answers as their clients take them. */
public final class Replies implements AutoCloseable {
    /** Of the heap, for what waits for clients. */
    private static final int SHARE = 8;

    /**
     * How patient answers are.
     *
     * @param heartbeat after which time without news a client is told that the connection lives
     * @param patience how long a client may take nothing
     */
    public record Pace(Duration heartbeat, Duration patience) {
        /** Heartbeats twice as often as proxies and servers want to see something at least. */
        public static final Pace USUAL = new Pace(Duration.ofSeconds(10), Duration.ofSeconds(30));
    }

    private final Pace pace;
    private final Consumer<Answer> rules;
    private final Function<Throwable, Answer> failures;
    private HttpMeter.Endpoint unknown;
    private final ScheduledThreadPoolExecutor timer;
    private final Set<Exchange> alive = ConcurrentHashMap.newKeySet();
    private final Crowd crowd;

    /**
     * @param name of its thread
     * @param rules complete every answer
     * @param failures answers what has failed
     */
    public Replies(String name, Pace pace, Consumer<Answer> rules, Function<Throwable, Answer> failures) {
        this.pace = pace;
        this.rules = rules;
        this.failures = failures;
        this.timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        this.timer.setRemoveOnCancelPolicy(true);
        this.crowd = new Crowd(Runtime.getRuntime().maxMemory() / SHARE, this::makeRoom);
    }

    /**
     * Begins to look after those that wait.
     *
     * @param others measures the requests that no operation takes
     */
    public void start(HttpMeter.Endpoint others) {
        unknown = others;
        new PeriodicTask("the heartbeat of watches", this::beat).start(timer, pace.heartbeat());
    }

    private void beat() {
        alive.forEach(Exchange::heartbeat);
        for (Exchange waiting : crowd.all()) {
            waiting.heartbeat();
        }
    }

    /** For what has to be done when a time is over, and is short. */
    public ScheduledThreadPoolExecutor timer() {
        return timer;
    }

    /**
     * Begins the exchange of a request that has come. Called on the container's thread, which goes back to it afterwards.
     *
     * @param taker carries it on, and does not throw
     */
    public void take(HttpServletRequest request, HttpServletResponse response, Consumer<Exchange> taker)
            throws IOException {
        if (request.isAsyncSupported()) {
            taker.accept(Exchange.begin(this, request, response));
        } else {
            refuse(response);
        }
    }

    /** Somebody has put a filter before the web application that does not let answers come later. */
    private void refuse(HttpServletResponse response) throws IOException {
        Answer answer = failure(new IllegalStateException("async-supported is false for a filter before raftkv"));
        complete(answer);
        response.setStatus(answer.status());
        answer.forEachHeader(response::addHeader);
        response.getOutputStream().write(answer.bytes());
    }

    Answer failure(Throwable failure) {
        return failures.apply(failure);
    }

    void complete(Answer answer) {
        rules.accept(answer);
    }

    HttpMeter.Endpoint unknown() {
        return unknown;
    }

    Duration patience() {
        return pace.patience();
    }

    Crowd crowd() {
        return crowd;
    }

    void join(Exchange exchange) {
        alive.add(exchange);
    }

    void leave(Exchange exchange) {
        alive.remove(exchange);
    }

    /** On a thread of its own, because whoever finds that there is too much holds an exchange. */
    private void makeRoom() {
        try {
            timer.execute(() -> {
                for (Exchange first = crowd.first(); first != null; first = crowd.first()) {
                    crowd.leaves(first);
                    first.giveWay();
                }
            });
        } catch (RejectedExecutionException e) {
            // The node stops, and all exchanges with it.
        }
    }

    @Override
    public void close() {
        timer.shutdown();
    }
}
