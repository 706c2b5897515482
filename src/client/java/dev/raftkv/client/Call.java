package dev.raftkv.client;

import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;

/** One request, sent until its outcome is known or its time is over. Belongs to one thread. */
final class Call {
    /** More than a request needs that comes to a follower while the leader changes. */
    private static final int MOST_REDIRECTS = 5;

    /** So that a node that stands still leaves time for others. */
    private static final int ATTEMPTS_IN_ANY_CASE = 3;

    private static final long SHORTEST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 1000;
    private static final int MOST_DOUBLINGS = 5;

    private final List<URI> nodes;
    private final HttpClient http;
    private final Course course;
    private final Ask ask;
    private final Duration deadline;
    private final long begun = System.nanoTime();

    /** When each node may be asked again, in nanoseconds since the beginning. */
    private final long[] notBefore;

    private int node;
    private int redirects;
    private int failures;

    /** Whether an attempt may have made the change, or may make it yet. */
    private boolean unsure;

    private String last = "";
    private Throwable cause;

    /**
     * What is asked, the same in each attempt.
     *
     * @param target path and query, below the address of a node
     * @param body null: none
     * @param headers names and values in turn
     * @param settling the statuses that are an answer, and no reason to ask again or to give up
     */
    record Ask(String method, String target, String body, List<String> headers, List<Integer> settling) {
        boolean isWrite() {
            return !method.equals("GET");
        }
    }

    /** What calls of one kind have learned for the next: which node has answered, and whether nodes pass requests on. */
    static final class Course {
        private volatile int node;
        private volatile boolean forward;
    }

    /** @param course shared by all calls that should be taken to the same node */
    Call(List<URI> nodes, HttpClient http, Course course, Ask ask, Duration deadline) {
        this.nodes = nodes;
        this.http = http;
        this.course = course;
        this.ask = ask;
        this.deadline = deadline;
        this.notBefore = new long[nodes.size()];
        this.node = course.node;
    }

    /**
     * The answer of a node that settles it.
     *
     * @throws UnknownOutcomeException if it is a write that may have been done
     * @throws RaftkvException if it was refused, or not done in time
     */
    HttpResponse<String> answer() throws RaftkvException {
        while (true) {
            awaitTurn();
            Optional<HttpResponse<String>> got = attempt();
            if (got.isPresent() && settles(got.get())) {
                course.node = node;
                return got.get();
            }
        }
    }

    /** Waits for the first node that may be asked, beginning with the one that comes next. */
    private void awaitTurn() throws RaftkvException {
        int first = node;
        for (int other = 1; other < nodes.size(); other++) {
            int candidate = (node + other) % nodes.size();
            if (wait(candidate) < wait(first)) {
                first = candidate;
            }
        }
        node = first;
        long wait = wait(first);
        if (elapsed() + wait >= deadline.toNanos()) {
            throw failure("not done within " + deadline.toMillis() + " ms, at last: " + last, 0);
        }
        try {
            TimeUnit.NANOSECONDS.sleep(wait);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Empty if there was no answer. */
    private Optional<HttpResponse<String>> attempt() throws RaftkvException {
        long left = deadline.toNanos() - elapsed();
        CompletableFuture<HttpResponse<String>> answer = http.sendAsync(request(), BodyHandlers.ofString());
        try {
            // The limit of the request itself would end when the body begins.
            return Optional.of(
                    answer.get(Math.min(left, deadline.toNanos() / ATTEMPTS_IN_ANY_CASE), TimeUnit.NANOSECONDS));
        } catch (ExecutionException e) {
            boolean sent = !(e.getCause() instanceof ConnectException
                    || e.getCause() instanceof HttpConnectTimeoutException
                    || e.getCause() instanceof SSLHandshakeException);
            failed("no answer of " + nodes.get(node) + " (" + e.getCause() + ")", e.getCause(), sent);
        } catch (TimeoutException e) {
            answer.cancel(true);
            failed("no answer of " + nodes.get(node) + " in time", e, true);
        } catch (InterruptedException e) {
            answer.cancel(true);
            unsure = true;
            throw interrupted(e);
        }
        return Optional.empty();
    }

    private HttpRequest request() {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(node))
                .method(
                        ask.method(),
                        ask.body() == null ? BodyPublishers.noBody() : BodyPublishers.ofString(ask.body()));
        for (int i = 0; i < ask.headers().size(); i += 2) {
            request.header(ask.headers().get(i), ask.headers().get(i + 1));
        }
        if (course.forward) {
            request.header("Raft-Follower-Writes", "forward");
        }
        return request.build();
    }

    private URI uri(int number) {
        return URI.create(nodes.get(number) + ask.target());
    }

    /** Whether this is the end; if not, what is next is decided. */
    private boolean settles(HttpResponse<String> answer) throws RaftkvException {
        int status = answer.statusCode();
        String said = nodes.get(node) + " answered " + status + ": " + RaftkvException.sentence(answer.body());
        if (ask.settling().contains(status)) {
            if (answer.headers().firstValue("Raft-Node").isPresent()) {
                return true;
            }
            failed("a server that is no node answers at " + nodes.get(node), null, true);
        } else if (status == 307) {
            redirect(answer, said);
        } else if (status == 503) {
            failed(said, null, false, retryAfter(answer));
        } else if (status >= 500 && status != 507) {
            failed(said, null, true);
        } else {
            last = said;
            throw failure(said, status);
        }
        return false;
    }

    /**
     * To a node that was named, and no other: whoever answered could send token and value anywhere. To others this node passes it on
     * itself.
     */
    private void redirect(HttpResponse<String> answer, String said) throws RaftkvException {
        URI location = answer.headers()
                .firstValue("Location")
                .map(answer.uri()::resolve)
                .orElseThrow(() -> failure(said, answer.statusCode()));
        redirects++;
        if (redirects > MOST_REDIRECTS) {
            failed(said, null, false);
            return;
        }
        last = said;
        for (int other = 0; other < nodes.size(); other++) {
            if (location.equals(uri(other))) {
                // While the leader cannot be asked, nobody who sends there needs to be.
                notBefore[node] = Math.max(notBefore[node], notBefore[other]);
                node = other;
                return;
            }
        }
        if (course.forward) {
            throw failure(said + "; it sends to " + location + ", which is none of the nodes", answer.statusCode());
        }
        course.forward = true;
    }

    private void failed(String said, Throwable failure, boolean mayBeDone) {
        failed(said, failure, mayBeDone, 0);
    }

    /** Another node is next, and this one comes again after a pause, of so many nanoseconds at least. */
    private void failed(String said, Throwable failure, boolean mayBeDone, long shortest) {
        last = said;
        cause = failure;
        unsure |= mayBeDone;
        redirects = 0;
        long longest = Math.min(LONGEST_PAUSE_MILLIS, SHORTEST_PAUSE_MILLIS << Math.min(failures++, MOST_DOUBLINGS));
        long pause = ThreadLocalRandom.current().nextLong(longest / 2, longest + 1);
        notBefore[node] = elapsed() + Math.max(shortest, TimeUnit.MILLISECONDS.toNanos(pause));
        node = (node + 1) % nodes.size();
    }

    private static long retryAfter(HttpResponse<String> answer) {
        return answer.headers()
                .firstValue("Retry-After")
                .filter(seconds -> seconds.matches("\\d{1,5}"))
                .map(seconds -> TimeUnit.SECONDS.toNanos(Long.parseLong(seconds)))
                .orElse(0L);
    }

    private RaftkvException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        cause = e;
        return failure("interrupted", 0);
    }

    /** Later attempts that did nothing do not tell of those before. */
    private RaftkvException failure(String said, int status) {
        return ask.isWrite() && unsure
                ? new UnknownOutcomeException("it is unknown whether the write was done: " + said, status, cause)
                : new RaftkvException(said, status, cause);
    }

    private long wait(int number) {
        return Math.max(0, notBefore[number] - elapsed());
    }

    private long elapsed() {
        return System.nanoTime() - begun;
    }
}
