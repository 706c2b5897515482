package dev.raftkv.rest;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.UriInfo;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A request as it came in, to be sent on as it is.
 *
 * @param target path under the context root and query, encoded as the client encoded them; starts with a slash
 * @param headers those that count, by the names below
 * @param forwarded whether another node has passed it on already
 */
record ClientRequest(String method, String target, Map<String, String> headers, byte[] body, boolean forwarded) {
    /** Tells the receiver of a request which node has passed it on. */
    static final String FORWARDED = "Raft-Forwarded";

    /** A client's name for a request that it may repeat (draft-ietf-httpapi-idempotency-key-header). */
    static final String IDEMPOTENCY_KEY = "Idempotency-Key";

    /** What a client says of a request beside its target and body. */
    private static final String[] COUNTED = {
        HttpHeaders.CONTENT_TYPE, HttpHeaders.IF_MATCH, HttpHeaders.IF_NONE_MATCH, IDEMPOTENCY_KEY
    };

    private static final byte[] NO_BODY = {};

    /** Looks a header up, whose lines are joined by commas; null if there is none. */
    interface Headers {
        String get(String name);
    }

    static ClientRequest of(ContainerRequestContext request, byte[] body) {
        return of(request.getMethod(), target(request.getUriInfo()), request::getHeaderString, body);
    }

    static ClientRequest of(ContainerRequestContext request) {
        return of(request, NO_BODY);
    }

    static ClientRequest of(HttpServletRequest request, String target, byte[] body) {
        return of(request.getMethod(), target, name -> lines(request, name), body);
    }

    private static ClientRequest of(String method, String target, Headers lookup, byte[] body) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String name : COUNTED) {
            String value = lookup.get(name);
            if (value != null) {
                headers.put(name, value);
            }
        }
        return new ClientRequest(method, target, headers, body, lookup.get(FORWARDED) != null);
    }

    private static String lines(HttpServletRequest request, String name) {
        return request.getHeader(name) == null ? null : String.join(", ", Collections.list(request.getHeaders(name)));
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    private static String target(UriInfo uri) {
        String query = uri.getRequestUri().getRawQuery();
        return "/" + uri.getPath(false) + (query == null ? "" : "?" + query);
    }
}
