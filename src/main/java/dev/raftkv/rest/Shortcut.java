package dev.raftkv.rest;

import dev.raftkv.rest.http.Hosted;
import dev.raftkv.rest.http.Replies;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Takes the requests that come by the thousand, a {@code GET} of a key and {@code POST /store}, to their operations without
 * Jersey, which takes more of their time than all else together. Their paths must have no character that any container treats
 * in a way of its own; all other requests go on to Jersey, which takes them to the same operations.
 */
final class Shortcut implements Filter {
    private static final String STORE = "/store";
    private static final String KEY = "/store/";
    private static final String SESSION = "/session/";

    private final Replies replies;
    private final Hosted get;
    private final Hosted post;
    private final Hosted renew;

    Shortcut(Replies replies, Hosted get, Hosted post, Hosted renew) {
        this.replies = replies;
        this.get = get;
        this.post = post;
        this.renew = renew;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        Hosted operation = operation((HttpServletRequest) request);
        if (operation == null) {
            chain.doFilter(request, response);
        } else {
            replies.take(
                    (HttpServletRequest) request, (HttpServletResponse) response, exchange -> exchange.run(operation));
        }
    }

    private Hosted operation(HttpServletRequest request) {
        String path = request.getRequestURI();
        int root = request.getContextPath().length();
        return switch (request.getMethod()) {
            case "GET" -> path.startsWith(KEY, root) && isPlain(path, root + KEY.length()) ? get : null;
            case "POST" ->
                path.length() == root + STORE.length() && path.endsWith(STORE) && request.getQueryString() == null
                        ? post
                        : null;
            case "PUT" -> path.startsWith(SESSION, root) && isPlain(path, root + SESSION.length()) ? renew : null;
            default -> null;
        };
    }

    /** Whether a path under the context root is that of one key as it stands. */
    static boolean isKey(String path) {
        return path.startsWith(KEY) && isPlain(path, KEY.length());
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
}
