package dev.raftkv.rest;

import dev.raftkv.kv.KvService;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.ReadLevel;
import dev.raftkv.model.Seen;
import dev.raftkv.ops.HttpMeter;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * Serves the requests that come by the thousand without Jersey, which takes more of their time than all else together: a
 * {@code GET} of a key, of which at most the level is asked for, and {@code POST /store}. They must be plain, without a
 * condition and without a character that any container treats in a way of its own; all other requests go on to Jersey. The
 * answers are made by the same parts, so they are the same.
 */
public final class HotPath implements Filter {
    private static final String STORE = "/store";
    private static final String KEY = "/store/";
    private static final String JSON = Answers.JSON.toString();
    private static final Map<String, ReadLevel> QUERIES = Arrays.stream(ReadLevel.values())
            .collect(Collectors.toMap(level -> Reads.CONSISTENCY + "=" + level.label(), level -> level));

    private final KvService kv;
    private final StoreResource store;
    private final Reads reads;
    private final ServletAnswers answers;
    private final ErrorMapper errors;
    private final Fallback fallback;
    private final String nodeId;
    private final HttpMeter.Endpoint gets;
    private final HttpMeter.Endpoint posts;

    HotPath(
            KvService kv,
            StoreResource store,
            Reads reads,
            ServletAnswers answers,
            ErrorMapper errors,
            String nodeId,
            HttpMeter meter) {
        this.kv = kv;
        this.store = store;
        this.reads = reads;
        this.answers = answers;
        this.errors = errors;
        this.fallback = new Fallback(answers, errors);
        this.nodeId = nodeId;
        this.gets = meter.endpoint("/store/{key}", "GET");
        this.posts = meter.endpoint("/store", "POST");
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!serve((HttpServletRequest) request, (HttpServletResponse) response)) {
            chain.doFilter(request, response);
        }
    }

    private boolean serve(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String path = request.getRequestURI();
        int root = request.getContextPath().length();
        return switch (request.getMethod()) {
            case "GET" -> path.startsWith(KEY, root) && get(path, root + KEY.length(), request, response);
            case "POST" ->
                request.getQueryString() == null
                        && path.length() == root + STORE.length()
                        && path.endsWith(STORE)
                        && post(request);
            default -> false;
        };
    }

    private boolean get(String path, int start, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        String query = request.getQueryString();
        ReadLevel level = query == null ? reads.byDefault() : QUERIES.get(query);
        if (level == null || !isPlain(path, start) || isConditional(request)) {
            return false;
        }
        // The others may have to wait, and a follower goes elsewhere for the leader's state.
        return switch (level) {
            case EVENTUAL -> getLocal(path.substring(start), response);
            case LINEARIZABLE -> getLinearizable(path.substring(start), request);
            case LEADER -> false;
        };
    }

    private static boolean isConditional(HttpServletRequest request) {
        return request.getHeader(HttpHeaders.IF_NONE_MATCH) != null || request.getHeader(HttpHeaders.IF_MATCH) != null;
    }

    private boolean getLocal(String key, HttpServletResponse response) throws IOException {
        long came = System.nanoTime();
        try {
            Seen seen = kv.reader().see(Key.of(key));
            if (seen.entry().isEmpty()) {
                return false;
            }
            write(seen, ReadLevel.EVENTUAL, response);
            gets.record(200, System.nanoTime() - came);
            return true;
        } catch (KvException e) {
            // Jersey's way meets it too, and answers it.
            return false;
        } catch (RuntimeException e) {
            fallback.answer(e, response);
            gets.record(response.getStatus(), System.nanoTime() - came);
            return true;
        }
    }

    private boolean getLinearizable(String text, HttpServletRequest request) {
        Key key;
        try {
            key = Key.of(text);
        } catch (KvException e) {
            return false;
        }
        Exchange exchange = Exchange.begin(request, gets, fallback);
        reads.reader(new Reads.Demand(ReadLevel.LINEARIZABLE, 0))
                .whenComplete((reader, failure) -> exchange.end(() -> {
                    HttpServletResponse response = exchange.response();
                    Seen seen;
                    try {
                        if (failure != null) {
                            answers.write(errors.toResponse(failure), response);
                            return;
                        }
                        seen = StoreResource.seen(reader, key);
                    } catch (RuntimeException e) {
                        answers.write(errors.toResponse(e), response);
                        return;
                    }
                    write(seen, ReadLevel.LINEARIZABLE, response);
                }));
        return true;
    }

    private void write(Seen seen, ReadLevel level, HttpServletResponse response) throws IOException {
        Entry entry = seen.entry().orElseThrow();
        begin(response, StoreHeaders.tag(entry.changeRevision()), Long.toString(seen.revision()));
        response.addHeader(StoreHeaders.CONSISTENCY, level.label());
        if (entry.expiresAt() != 0) {
            long remaining = kv.remainingMillis(entry).orElseThrow();
            response.addHeader(StoreHeaders.TTL, Long.toString(Ttl.secondsOf(remaining)));
        }
        body(response, KeyAnswer.FETCHED.body(entry.key(), entry.value()));
    }

    /** Whether the rest of a path is a key as it stands: nothing to decode, and no segment that is empty or begins with a dot. */
    private static boolean isPlain(String path, int start) {
        char before = '/';
        for (int i = start; i < path.length(); i++) {
            char c = path.charAt(i);
            boolean letter =
                    c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_';
            if (!letter && (before == '/' || c != '/' && c != '.' && c != ':')) {
                return false;
            }
            before = c;
        }
        return before != '/';
    }

    private boolean post(HttpServletRequest request) {
        Exchange exchange = Exchange.begin(request, posts, fallback);
        ClientRequest copy;
        StoreRequest stores;
        CompletableFuture<Outcome.Stored> stored;
        try {
            copy = store.read(request);
            stores = StoreRequest.parse(copy.body());
            stored = store.store(copy, stores);
        } catch (RuntimeException | Error e) {
            exchange.end(() -> answers.write(errors.toResponse(e), exchange.response()));
            return true;
        }
        stored.whenComplete((done, failure) -> {
            if (failure == null) {
                exchange.end(() -> write(stores, done, exchange.response()));
            } else {
                postElsewhere(copy, failure, exchange);
            }
        });
        return true;
    }

    private void postElsewhere(ClientRequest request, Throwable failure, Exchange exchange) {
        store.elsewhere(request, failure)
                .whenComplete((answer, unanswered) -> exchange.end(() -> answers.write(
                        unanswered == null ? answer : errors.toResponse(unanswered), exchange.response())));
    }

    private void write(StoreRequest stores, Outcome.Stored stored, HttpServletResponse response) throws IOException {
        String revision = Long.toString(stored.revision());
        begin(response, StoreHeaders.tag(stored.revision()), revision);
        body(response, KeyAnswer.PERSISTED.body(stores.key(), stores.value()));
    }

    /** Added and not set, which would look for what is not there yet. */
    private void begin(HttpServletResponse response, String tag, String revision) {
        response.addHeader(HttpHeaders.CONTENT_TYPE, JSON);
        response.addHeader(HttpHeaders.CACHE_CONTROL, AnswerRules.CACHE);
        response.addHeader(HttpHeaders.ETAG, tag);
        response.addHeader(StoreHeaders.NODE, nodeId);
        response.addHeader(StoreHeaders.REVISION, revision);
    }

    private static void body(HttpServletResponse response, byte[] body) throws IOException {
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
