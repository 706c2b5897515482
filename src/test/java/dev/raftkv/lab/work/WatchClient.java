package dev.raftkv.lab.work;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.raftkv.lab.history.History;
import dev.raftkv.lab.history.Sight;
import dev.raftkv.lab.history.Sight.What;
import dev.raftkv.lab.history.Watcher;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Watches keys, at a node by chance for a while, then from there on at another. */
final class WatchClient {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

    /** A stream shows that it lives at least every 10 seconds. */
    private static final Duration SILENCE_LIMIT = Duration.ofSeconds(15);

    private static final int MAX_STAY_MS = 12_000;
    private static final int POLL_SECONDS = 3;
    private static final long BACK_OFF_MS = 100;

    private final HttpClient http;
    private final Watcher watcher;
    private final Plan plan;
    private final Random random;
    private final History history;
    private long from;
    private String lastId = "";
    private volatile long reached;
    private volatile InputStream open;
    private volatile long until;
    private volatile long heard;

    /** @param from the revision behind which it begins */
    WatchClient(HttpClient http, Watcher watcher, Plan plan, Random random, History history, long from) {
        this.http = http;
        this.watcher = watcher;
        this.plan = plan;
        this.random = random;
        this.history = history;
        this.from = from;
    }

    Watcher watcher() {
        return watcher;
    }

    /** The revision of the last change that it saw. */
    long reached() {
        return reached;
    }

    /** Ends the connection if it is time, or if nothing comes; to be called some times a second by another thread. */
    void look(boolean stopped) {
        InputStream body = open;
        long now = System.nanoTime();
        if (body != null && (stopped || now - until > 0 || now - heard > SILENCE_LIMIT.toNanos())) {
            try {
                body.close();
            } catch (IOException e) {
                // It is over in any case.
            }
        }
    }

    /** Watches until it is told to stop. */
    void work(BooleanSupplier stopped) throws InterruptedException {
        while (!stopped.getAsBoolean()) {
            int node = random.nextInt(plan.nodes().size());
            until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(MAX_STAY_MS));
            boolean poll = random.nextInt(3) == 0;
            see(node, What.OPEN, lastId, from);
            boolean served = false;
            try {
                served = connect(node, poll);
            } catch (IOException e) {
                // The node or the way to it is broken: another one has the same changes.
            }
            see(node, What.END, lastId, 0);
            if (!served) {
                TimeUnit.MILLISECONDS.sleep(BACK_OFF_MS);
            }
        }
    }

    private boolean connect(int node, boolean poll) throws IOException, InterruptedException {
        String interest = (watcher.exact() ? "key=" : "prefix=") + URLEncoder.encode(watcher.text(), UTF_8);
        String url = plan.nodes().get(node) + "/watch?" + interest + "&from_revision=" + (from + 1)
                + (poll ? "&wait=" + POLL_SECONDS + "s" : "");
        HttpRequest.Builder request = plan.access().request(URI.create(url)).timeout(ANSWER_LIMIT);
        if (!lastId.isEmpty()) {
            request.header("Last-Event-ID", lastId);
        }
        HttpResponse<InputStream> answer = http.send(request.build(), BodyHandlers.ofInputStream());
        try (InputStream body = answer.body()) {
            heard = System.nanoTime();
            open = body;
            if (answer.statusCode() == 200) {
                read(node, poll, body);
            } else if (answer.statusCode() == 410) {
                gone(node, JSON.readTree(body));
            }
            return answer.statusCode() == 200;
        } finally {
            open = null;
        }
    }

    private void read(int node, boolean poll, InputStream body) throws IOException {
        if (poll) {
            JsonNode answer = JSON.readTree(body);
            for (JsonNode change : answer.path("data")) {
                see(node, change.path("event").asText(), change.path("id").asText(), change);
            }
            lastId = answer.path("last_event_id").asText();
            see(node, What.POSITION, lastId, 0);
            return;
        }
        EventStream events = new EventStream(new BufferedReader(new InputStreamReader(body, UTF_8)), lastId);
        for (EventStream.Event event = events.next(); event != null; event = events.next()) {
            heard = System.nanoTime();
            switch (event.name()) {
                case "put", "delete", "expire" -> see(node, event.name(), event.id(), JSON.readTree(event.data()));
                case "gone" -> {
                    gone(node, JSON.readTree(event.data()));
                    return;
                }
                case "" -> {
                    lastId = event.id();
                    see(node, What.POSITION, lastId, 0);
                }
                default -> {
                    return;
                }
            }
        }
    }

    private void gone(int node, JsonNode problem) {
        long oldest = problem.path("oldest_revision").asLong();
        see(node, What.GONE, lastId, oldest);
        from = oldest - 1;
        lastId = "";
    }

    private void see(int node, String event, String id, JsonNode change) {
        lastId = id;
        String value = change.has("value") ? change.path("value").asText() : null;
        history.add(new Sight(
                watcher.number(),
                node,
                What.valueOf(event.toUpperCase(Locale.ROOT)),
                id,
                change.path("key").asText(),
                value,
                change.path("change_revision").asLong(),
                change.path("create_revision").asLong(),
                change.path("version").asLong(),
                System.nanoTime()));
        reached = change.path("change_revision").asLong();
    }

    private void see(int node, What what, String id, long revision) {
        history.add(new Sight(watcher.number(), node, what, id, null, null, revision, 0, 0, System.nanoTime()));
    }
}
