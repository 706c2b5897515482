package dev.raftkv.rest;

import dev.raftkv.kv.KvService;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
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
    private final transient ServletAnswers answers;
    private final transient ErrorMapper errors;
    private final String nodeId;
    private final transient Pace pace;
    private final transient HttpMeter meter;
    private final transient Set<WatchStream> streams = ConcurrentHashMap.newKeySet();
    private transient ScheduledExecutorService timer;

    WatchServlet(KvService kv, ServletAnswers answers, ErrorMapper errors, String nodeId, Pace pace, HttpMeter meter) {
        this.kv = kv;
        this.answers = answers;
        this.errors = errors;
        this.nodeId = nodeId;
        this.pace = pace;
        this.meter = meter;
    }

    @Override
    public void init() {
        timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "raftkv-" + nodeId + "-heartbeat");
            thread.setDaemon(true);
            return thread;
        });
        timer.scheduleWithFixedDelay(
                () -> streams.forEach(WatchStream::heartbeat),
                pace.heartbeat().toMillis(),
                pace.heartbeat().toMillis(),
                TimeUnit.MILLISECONDS);
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
            if (asked.patience().isPresent()) {
                poll(asked, request, endpoint, came);
            } else {
                stream(asked, request, response);
                endpoint.record(200, System.nanoTime() - came);
            }
        } catch (RuntimeException e) {
            answers.write(errors.toResponse(e), response);
            endpoint.record(response.getStatus(), System.nanoTime() - came);
        }
    }

    private void stream(WatchRequest asked, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        AtomicReference<WatchStream> stream = new AtomicReference<>();
        Watch watch = kv.watches().watch(asked.interest(), asked.from().orElse(null), () -> {
            if (stream.get() != null) {
                stream.get().wake();
            }
        });
        // A container may keep the buffer of each open watch: Jetty's usual 32 KiB would fill its memory at 4,000
        // watches.
        response.setBufferSize(BUFFER_BYTES);
        response.setContentType("text/event-stream;charset=UTF-8");
        response.setHeader(HttpHeaders.CACHE_CONTROL, AnswerRules.CACHE);
        // nginx would hold events back until its buffer is full.
        response.setHeader("X-Accel-Buffering", "no");
        response.setHeader(StoreHeaders.NODE, nodeId);
        kv.revision().ifPresent(revision -> response.setHeader(StoreHeaders.REVISION, Long.toString(revision)));
        AsyncContext exchange = request.startAsync();
        exchange.setTimeout(0);
        WatchStream opened =
                new WatchStream(exchange, new EventText(kv), pace.patience(), () -> streams.remove(stream.get()));
        stream.set(opened);
        streams.add(opened);
        opened.begin(watch);
    }

    private void poll(WatchRequest asked, HttpServletRequest request, HttpMeter.Endpoint endpoint, long came) {
        WatchPoll poll = new WatchPoll(new EventText(kv));
        Watch watch = kv.watches().watch(asked.interest(), asked.from().orElse(null), poll::wake);
        // How long it waits from here on is its client's wish.
        long opened = System.nanoTime() - came;
        AsyncContext exchange = request.startAsync();
        exchange.setTimeout(0);
        poll.begin(watch).whenComplete((answer, failure) -> {
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
        timer.schedule(poll::timeIsOver, asked.patience().orElseThrow().toMillis(), TimeUnit.MILLISECONDS);
    }
}
