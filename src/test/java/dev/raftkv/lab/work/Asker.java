package dev.raftkv.lab.work;

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
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks a node once, and follows it to the leader. Thread-safe; ends in time whatever the network does. */
final class Asker {
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

    /** @param followerWrites what a follower is to do with it, null for what it does by itself */
    Attempt ask(Request request, URI node, String followerWrites) throws InterruptedException {
        URI url = URI.create(node + Wire.target(request));
        Attempt last = null;
        for (int hop = 0; hop < HOPS; hop++) {
            try {
                HttpResponse<String> response = send(request, url, followerWrites);
                last = judge(request, response);
                String location = response.headers().firstValue("Location").orElse(null);
                if (response.statusCode() != 307 || location == null) {
                    return last;
                }
                url = URI.create(location);
            } catch (ConnectException | HttpConnectTimeoutException e) {
                return new Attempt(Outcome.REFUSED, null);
            } catch (IOException e) {
                return new Attempt(Outcome.UNKNOWN, null);
            }
        }
        return last;
    }

    /** The limit of the request is that of its head only, so its body needs one too. */
    private HttpResponse<String> send(Request request, URI url, String followerWrites)
            throws IOException, InterruptedException {
        HttpRequest written = Wire.write(request, access.request(url));
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

    private static Attempt judge(Request request, HttpResponse<String> response) throws IOException {
        boolean byNode = response.headers().firstValue("Raft-Node").isPresent();
        Answer answer = Wire.read(request, response);
        Outcome outcome = switch (response.statusCode()) {
            case 200 -> Outcome.DONE;
            // A server that has not begun to serve the node says 404, too.
            case 404 -> request.isRead() && byNode ? Outcome.DONE : Outcome.REFUSED;
            case 500, 502, 504 -> Outcome.UNKNOWN;
            default -> Outcome.REFUSED;
        };
        return new Attempt(outcome, answer);
    }
}
