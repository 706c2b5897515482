package dev.raftkv.rest;

import dev.raftkv.kv.KvService;
import dev.raftkv.kv.PeriodicTask;
import dev.raftkv.kv.Watch;
import dev.raftkv.ops.HttpMeter;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /watch}: a stream of events, or with {@code wait} one answer. A servlet of its own, because a watch that costs no
 * thread needs the container's non-blocking output, to which Jersey has no way.
 */
public final class WatchServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(WatchServlet.class);

    /**
     * How patient a stream is.
     *
     * @param heartbeat after which time without news a client is told that the stream lives
     * @param patience how long a client may take nothing
     */
    record Pace(Duration heartbeat, Duration patience) {
        /** Heartbeats twice as often as proxies and servers want to see something at least. */
        static final Pace USUAL = new Pace(Duration.ofSeconds(10), Duration.ofSeconds(30));
    }

    private static final int BUFFER_BYTES = 4096;

    private final transient KvService kv;
    private final transient Reads reads;
    private final transient ServletAnswers answers;
    private final transient ErrorMapper errors;
    private final String nodeId;
    private final transient Pace pace;
    private final transient HttpMeter meter;
    private final transient Set<WatchStream> streams = ConcurrentHashMap.newKeySet();
    private transient ScheduledThreadPoolExecutor timer;

    WatchServlet(
            KvService kv,
            Reads reads,
            ServletAnswers answers,
            ErrorMapper errors,
            String nodeId,
            Pace pace,
            HttpMeter meter) {
        this.kv = kv;
        this.reads = reads;
        this.answers = answers;
        this.errors = errors;
        this.nodeId = nodeId;
        this.pace = pace;
        this.meter = meter;
    }

    @Override
    public void init() {
        timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "raftkv-" + nodeId + "-heartbeat");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        new PeriodicTask("the heartbeat of watches", () -> streams.forEach(WatchStream::heartbeat))
                .start(timer, pace.heartbeat());
    }

    @Override
    public void destroy() {
        timer.shutdown();
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        long came = System.nanoTime();
        HttpMeter.Endpoint endpoint = meter.endpoint(RestApplication.WATCH, request.getMethod());
        if (!request.getMethod().equals("GET")) {
            String detail = "this path does not take this method: it takes GET";
            answers.write(
                    Answers.problem(405, detail)
                            .header(HttpHeaders.ALLOW, "GET")
                            .build(),
                    response);
            endpoint.record(405, System.nanoTime() - came);
            return;
        }
        try {
            WatchRequest asked = WatchRequest.of(request);
            asked.from().ifPresent(kv.watches()::requireOwn);
            CompletableFuture<Void> shown = reads.awaitShown(
                    asked.from().map(from -> from.cursor().revision()).orElse(0L));
            AsyncContext exchange = request.startAsync();
            exchange.setTimeout(0);
            shown.whenComplete((reached, failure) -> open(asked, failure, exchange, endpoint, came));
        } catch (RuntimeException e) {
            answers.write(errors.toResponse(e), response);
            endpoint.record(response.getStatus(), System.nanoTime() - came);
        }
    }

    private void open(
            WatchRequest asked, Throwable failure, AsyncContext exchange, HttpMeter.Endpoint endpoint, long came) {
        HttpServletResponse response = (HttpServletResponse) exchange.getResponse();
        try {
            if (failure != null) {
                refuse(failure, response);
                exchange.complete();
            } else if (asked.patience().isPresent()) {
                poll(asked, exchange, endpoint, came);
                return;
            } else {
                stream(asked, exchange, response);
            }
        } catch (IOException | RuntimeException | Error e) {
            refuse(e, response);
            exchange.complete();
        }
        endpoint.record(response.getStatus(), System.nanoTime() - came);
    }

    private void refuse(Throwable failure, HttpServletResponse response) {
        try {
            response.reset();
            answers.write(errors.toResponse(failure), response);
        } catch (IOException | IllegalStateException e) {
            LOG.debug("a watch was not opened, and its client is not told", e);
        }
    }

    private void stream(WatchRequest asked, AsyncContext exchange, HttpServletResponse response) throws IOException {
        WatchStream stream = new WatchStream(exchange, new EventText(kv), pace.patience(), streams::remove);
        Watch watch = kv.watches().watch(asked.interest(), asked.from().orElse(null), stream::wake);
        try {
            // A container may keep the buffer of each open watch: Jetty's usual 32 KiB would fill its memory at 4,000
            // watches.
            response.setBufferSize(BUFFER_BYTES);
            response.setContentType("text/event-stream;charset=UTF-8");
            response.setHeader(HttpHeaders.CACHE_CONTROL, AnswerRules.CACHE);
            // nginx would hold events back until its buffer is full.
            response.setHeader("X-Accel-Buffering", "no");
            response.setHeader(StoreHeaders.NODE, nodeId);
            response.setHeader(StoreHeaders.REVISION, Long.toString(watch.openedAt()));
            streams.add(stream);
            stream.begin(watch);
        } catch (RuntimeException | Error e) {
            streams.remove(stream);
            watch.close();
            throw e;
        }
    }

    private void poll(WatchRequest asked, AsyncContext exchange, HttpMeter.Endpoint endpoint, long came) {
        WatchPoll poll = new WatchPoll(new EventText(kv));
        Watch watch = kv.watches().watch(asked.interest(), asked.from().orElse(null), poll::wake);
        Future<?> timeIsOver;
        try {
            timeIsOver = timer.schedule(
                    poll::timeIsOver, asked.patience().orElseThrow().toMillis(), TimeUnit.MILLISECONDS);
        } catch (RuntimeException | Error e) {
            watch.close();
            throw e;
        }
        // How long it waits from here on is its client's wish.
        long opened = System.nanoTime() - came;
        poll.begin(watch).whenComplete((answer, failure) -> {
            // It would keep the answer until then.
            timeIsOver.cancel(false);
            Response end = failure == null ? answer : errors.toResponse(failure);
            try {
                answers.write(end, (HttpServletResponse) exchange.getResponse());
            } catch (IOException e) {
                LOG.debug("the client of a watch has gone before it was answered", e);
            } finally {
                endpoint.record(end.getStatus(), opened);
                exchange.complete();
            }
        });
    }
}
