package dev.raftkv.rest.http;

import dev.raftkv.access.Refusals;
import dev.raftkv.kv.PeriodicTask;
import dev.raftkv.ops.HttpMeter;
import dev.raftkv.rest.request.PathRules;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The only way to a response: takes requests from the container, and sends their answers as their clients take them. */
public final class Replies implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Replies.class);

    /** Reads under way at once, while slow clients keep too much: more would only make more that nobody takes. */
    private static final int TURNS = 2;

    /** Threads of a server that may wait for their clients: no more than there can be at work. */
    private static final int WAITING = Runtime.getRuntime().availableProcessors();

    private static final Duration TELL = Duration.ofMinutes(1);
    private static final Duration LOOK = Duration.ofMillis(500);

    /**
     * How patient answers are.
     *
     * @param heartbeat after which time without news a client is told that the connection lives
     * @param patience how long a client may take nothing
     * @param crowded how long, when others need what it keeps
     */
    public record Pace(Duration heartbeat, Duration patience, Duration crowded) {
        /** Heartbeats twice as often as proxies and servers want to see something at least. */
        public static final Pace USUAL =
                new Pace(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(5));
    }

    /**
     * How requests of one kind are answered.
     *
     * @param rules complete every answer
     * @param failures answers what has failed
     * @param mostDiscarded how many bytes of a body that nobody wants may pass by before the connection is cut
     * @param foreign whether they are of another interface than this API
     */
    public record Manner(
            Consumer<Answer> rules, Function<Throwable, Answer> failures, long mostDiscarded, boolean foreign) {}

    private final Pace pace;
    private final Function<HttpServletRequest, Manner> manners;
    private final Refusals refusals;
    private HttpMeter.Endpoint unknown;
    private final ScheduledThreadPoolExecutor timer;
    private final ThreadPoolExecutor turns;
    private final Crowd<Reply> alive;
    private final Crowd<Reply> slow;
    private final Semaphore waits = new Semaphore(WAITING);

    /**
     * @param name its threads' names begin so
     * @param mostHeld how many bytes may wait for clients for long
     * @param manners how each request is answered
     * @param refusals of requests whose callers may not do what they ask for
     */
    public Replies(
            String name, Pace pace, long mostHeld, Function<HttpServletRequest, Manner> manners, Refusals refusals) {
        this.refusals = refusals;
        this.pace = pace;
        this.manners = manners;
        this.timer = new ScheduledThreadPoolExecutor(1, task -> thread(task, name + "-heartbeat"));
        this.timer.setRemoveOnCancelPolicy(true);
        this.turns = new ThreadPoolExecutor(
                TURNS, TURNS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> thread(task, name + "-turn"));
        this.turns.allowCoreThreadTimeOut(true);
        int most = Guests.ofThisProcess().most();
        this.alive = new Crowd<>(most, 0, pace.crowded(), System::nanoTime, this::letSomeLeave);
        this.slow = new Crowd<>(most, mostHeld, pace.crowded(), System::nanoTime, this::makeRoom);
    }

    /**
     * Begins to look after those that wait.
     *
     * @param others measures the requests that no operation takes
     */
    public void start(HttpMeter.Endpoint others) {
        unknown = others;
        new PeriodicTask("the heartbeat of watches", this::beat).start(timer, pace.heartbeat());
        new PeriodicTask("the log of refusals", refusals::tell).start(timer, TELL);
        new PeriodicTask("the limit of slow clients", this::lookAtSlow).start(timer, LOOK);
    }

    private void beat() {
        for (Reply waiting : alive.all()) {
            waiting.heartbeat();
        }
        for (Reply waiting : slow.all()) {
            waiting.heartbeat();
        }
    }

    /** Who had not waited long enough when there was too much may have now. */
    private void lookAtSlow() {
        if (slow.isTooMuch()) {
            makeRoom();
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
        // The thread for that may come late when all are busy making what nobody takes.
        if (slow.isFarTooMuch()) {
            relieveNow(slow, Reply::giveWay);
        }
        if (request.getRequestURI().startsWith("//")) {
            // Jetty takes what follows for the name of a server when an answer is to come later, and fails.
            refuse(manner(request), response, PathRules.twoSlashes());
        } else if (request.isAsyncSupported()) {
            Exchange exchange = Exchange.begin(this, request, response);
            taker.accept(exchange);
            exchange.leaveThread();
        } else {
            // Somebody has put a filter before the web application that does not let answers come later.
            refuse(
                    manner(request),
                    response,
                    new IllegalStateException("async-supported is false for a filter before raftkv"));
        }
    }

    private static void refuse(Manner manner, HttpServletResponse response, RuntimeException reason)
            throws IOException {
        Answer answer = manner.failures().apply(reason);
        complete(manner, answer);
        answer.begin(response);
        response.getOutputStream().write(answer.bytes());
    }

    /** Whether one more of the container's threads may wait for its client, which then tells when it {@link #hasWaited}. */
    boolean tryWait() {
        return waits.tryAcquire();
    }

    void hasWaited() {
        waits.release();
    }

    Refusals refusals() {
        return refusals;
    }

    /** Whether a request is of another interface, whose clients say who they are in another way, too. */
    public boolean isForeign(HttpServletRequest request) {
        return manner(request).foreign();
    }

    Manner manner(HttpServletRequest request) {
        return manners.apply(request);
    }

    /** An answer whose node cannot say how far it is goes without that. */
    static void complete(Manner manner, Answer answer) {
        try {
            manner.rules().accept(answer);
        } catch (RuntimeException | Error e) {
            LOG.error("an answer lacks what all have", e);
        }
    }

    HttpMeter.Endpoint unknown() {
        return unknown;
    }

    Duration patience() {
        return pace.patience();
    }

    /** Those whose clients send or take too slowly: one that keeps up is never among the first. */
    Crowd<Reply> slow() {
        return slow;
    }

    /** Those whose clients wait for something to happen. */
    Crowd<Reply> alive() {
        return alive;
    }

    private static Thread thread(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Whether slow clients keep so much that reads have to take turns. */
    boolean isCrowded() {
        return slow.holdsTooMuch();
    }

    /**
     * Does what makes an answer when it is its turn, so that the server's threads are there for all others: for health, for
     * writes, and to let go of what was cut.
     */
    public void inTurn(Runnable read) {
        try {
            turns.execute(read);
        } catch (RejectedExecutionException e) {
            // The node stops.
            read.run();
        }
    }

    private void letSomeLeave() {
        relieve(alive, Reply::leaveSoon);
    }

    private void makeRoom() {
        relieve(slow, Reply::giveWay);
    }

    /** On a thread of its own, because whoever finds that there is too much holds an exchange. */
    private void relieve(Crowd<Reply> crowd, Consumer<Reply> farewell) {
        try {
            timer.execute(() -> relieveNow(crowd, farewell));
        } catch (RejectedExecutionException e) {
            // The node stops, and all exchanges with it.
        }
    }

    private static void relieveNow(Crowd<Reply> crowd, Consumer<Reply> farewell) {
        for (Reply first = crowd.removeFirst(); first != null; first = crowd.removeFirst()) {
            farewell.accept(first);
        }
    }

    @Override
    public void close() {
        timer.shutdown();
        turns.shutdown();
    }
}
