package dev.raftkv.rest;

import dev.raftkv.kv.KvService;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the two requests that come by the thousand without Jersey, which takes more of their time than all else together: a
 * {@code GET} of a key that is there, and {@code POST /store}. They must be plain, without a query and without a character
 * that any container treats in a way of its own; all other requests go on to Jersey. The answers are made by the same parts,
 * so they are the same.
 */
public final class HotPath implements Filter {
    private static final Logger LOG = LoggerFactory.getLogger(HotPath.class);
    private static final String STORE = "/store";
    private static final String KEY = "/store/";
    private static final String JSON = Answers.JSON.toString();

    private final KvService kv;
    private final StoreResource store;
    private final ErrorMapper errors;

    HotPath(KvService kv, StoreResource store, ErrorMapper errors) {
        this.kv = kv;
        this.store = store;
        this.errors = errors;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!serve((HttpServletRequest) request, (HttpServletResponse) response)) {
            chain.doFilter(request, response);
        }
    }

    private boolean serve(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (request.getQueryString() != null) {
            return false;
        }
        String path = request.getRequestURI();
        int root = request.getContextPath().length();
        return switch (request.getMethod()) {
            case "GET" -> path.startsWith(KEY, root) && get(path, root + KEY.length(), response);
            case "POST" -> path.length() == root + STORE.length() && path.endsWith(STORE) && post(request);
            default -> false;
        };
    }

    private boolean get(String path, int start, HttpServletResponse response) throws IOException {
        if (!isPlain(path, start)) {
            return false;
        }
        Optional<Entry> entry;
        try {
            entry = kv.get(Key.of(path.substring(start)));
        } catch (KvException e) {
            // Jersey's way meets it too, and answers it.
            return false;
        }
        if (entry.isEmpty()) {
            return false;
        }
        byte[] body = KeyAnswer.FETCHED.body(entry.get().key(), entry.get().value());
        response.setHeader(HttpHeaders.CONTENT_TYPE, JSON);
        response.setHeader(HttpHeaders.CACHE_CONTROL, AnswerRules.CACHE);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
        return true;
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
        AsyncContext exchange = request.startAsync();
        // The answer has deadlines of its own.
        exchange.setTimeout(0);
        stored(request).whenComplete((answer, failure) -> {
            try {
                write(failure == null ? answer : errors.toResponse(failure), (HttpServletResponse)
                        exchange.getResponse());
            } catch (IOException e) {
                LOG.debug("the client of {} has gone before it was answered", STORE, e);
            } finally {
                exchange.complete();
            }
        });
        return true;
    }

    private CompletionStage<Response> stored(HttpServletRequest request) {
        try {
            return store.store(request);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static void write(Response answer, HttpServletResponse response) throws IOException {
        response.setStatus(answer.getStatus());
        answer.getStringHeaders().forEach((name, values) -> values.forEach(value -> response.addHeader(name, value)));
        response.setHeader(HttpHeaders.CACHE_CONTROL, AnswerRules.CACHE);
        response.getOutputStream().write((byte[]) answer.getEntity());
    }
}
