package dev.raftkv.lab.work;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.raftkv.lab.history.Answer;
import dev.raftkv.lab.history.Outcome;
import dev.raftkv.lab.history.Request;
import dev.raftkv.testkit.Access;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Asks a node once, and follows it to the leader. Thread-safe; ends in time whatever the network does. */
final class Asker {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int HOPS = 3;
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(2);

    private final Access access;
    private final Duration deadline;
    private final HttpClient http;

    Asker(Access access, Duration deadline) {
        this.access = access;
        this.deadline = deadline;
        this.http = access.client()
                .connectTimeout(CONNECT_LIMIT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /** For who asks in a way of his own. */
    HttpClient http() {
        return http;
    }

    /**
     * How one attempt ended.
     *
     * @param answer null if there was none
     */
    record Attempt(Outcome outcome, Answer answer) {}

    /**
     * How one exchange ended.
     *
     * @param outcome without a look at what was asked for: any answer of 2xx says that it is done
     * @param response null if there was none
     */
    record Exchange(Outcome outcome, HttpResponse<String> response) {
        int status() {
            return response == null ? 0 : response.statusCode();
        }

        /** Whether a node has answered: a server that has not begun to serve one says 404, too. */
        boolean isByNode() {
            return response != null
                    && response.headers().firstValue("Raft-Node").isPresent();
        }

        /** What a node has answered to what it has done. */
        JsonNode data() {
            try {
                return JSON.readTree(response.body()).path("data");
            } catch (IOException e) {
                throw new IllegalStateException("no JSON: " + response.body(), e);
            }
        }
    }

    /** @param followerWrites what a follower is to do with it, null for what it does by itself */
    Attempt ask(Request request, URI node, String followerWrites) throws InterruptedException {
        Exchange exchange =
                exchange(node + Wire.target(request), followerWrites, url -> Wire.write(request, access.request(url)));
        if (exchange.response() == null) {
            return new Attempt(exchange.outcome(), null);
        }
        boolean foundNothing = exchange.status() == 404 && request.isRead() && exchange.isByNode();
        try {
            Answer answer = Wire.read(request, exchange.response());
            return new Attempt(foundNothing ? Outcome.DONE : exchange.outcome(), answer);
        } catch (IOException e) {
            return new Attempt(Outcome.UNKNOWN, null);
        }
    }

    /** Asks a node, with a body of JSON, or none if it is null, and follows it to the leader. */
    Exchange exchange(String method, String url, String body, String name) throws InterruptedException {
        return exchange(url, null, target -> {
            HttpRequest.Builder request = access.request(target);
            if (body != null) {
                request.header("Content-Type", "application/json");
            }
            if (name != null) {
                request.header("Idempotency-Key", "\"" + name + "\"");
            }
            return request.method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                    .build();
        });
    }

    private Exchange exchange(String target, String followerWrites, Function<URI, HttpRequest> writing)
            throws InterruptedException {
        URI url = URI.create(target);
        Exchange last = null;
        for (int hop = 0; hop < HOPS; hop++) {
            try {
                HttpResponse<String> response = send(writing.apply(url), followerWrites);
                last = new Exchange(outcome(response.statusCode()), response);
                String location = response.headers().firstValue("Location").orElse(null);
                if (response.statusCode() != 307 || location == null) {
                    return last;
                }
                url = URI.create(location);
            } catch (ConnectException | HttpConnectTimeoutException e) {
                return new Exchange(Outcome.REFUSED, null);
            } catch (IOException e) {
                return new Exchange(Outcome.UNKNOWN, null);
            }
        }
        return last;
    }

    private static Outcome outcome(int status) {
        return switch (status) {
            case 200, 201 -> Outcome.DONE;
            case 500, 502, 504 -> Outcome.UNKNOWN;
            default -> Outcome.REFUSED;
        };
    }

    /** The limit of the request is that of its head only, so its body needs one too. */
    private HttpResponse<String> send(HttpRequest request, String followerWrites)
            throws IOException, InterruptedException {
        HttpRequest written = request;
        if (followerWrites != null) {
            written = HttpRequest.newBuilder(written, (name, value) -> true)
                    .header("Raft-Follower-Writes", followerWrites)
                    .build();
        }
        CompletableFuture<HttpResponse<String>> answer = http.sendAsync(written, BodyHandlers.ofString());
        try {
            return answer.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new IOException("no answer in time", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            answer.cancel(true);
            throw e;
        }
    }
}
