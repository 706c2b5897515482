package dev.raftkv.rest;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.UriInfo;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A request as it came in, to be sent on as it is.
 *
 * @param target path under the context root and query, encoded as the client encoded them; starts with a slash
 * @param headers those that count, by the names below
 * @param forwarded whether another node has passed it on already
 * @param followerWrites what a follower is to do with it, if the client has said so; it is not sent on
 */
record ClientRequest(
        String method,
        String target,
        Map<String, String> headers,
        byte[] body,
        boolean forwarded,
        Optional<FollowerWrites> followerWrites) {
    /** Tells the receiver of a request which node has passed it on. */
    static final String FORWARDED = "Raft-Forwarded";

    /**
     * What a follower is to do with this one request, in place of its setting {@code RAFT_FOLLOWER_WRITES}. Pages need it:
     * a browser does not follow a redirect to another node. No page of another site can send it, as browsers ask the node
     * before they let one send a header like this, and it never agrees.
     */
    static final String FOLLOWER_WRITES = "Raft-Follower-Writes";

    /** A client's name for a request that it may repeat (draft-ietf-httpapi-idempotency-key-header). */
    static final String IDEMPOTENCY_KEY = "Idempotency-Key";

    /** What a client says of a request beside its target and body. */
    private static final String[] COUNTED = {
        HttpHeaders.CONTENT_TYPE, HttpHeaders.IF_MATCH, HttpHeaders.IF_NONE_MATCH, IDEMPOTENCY_KEY
    };

    private static final byte[] NO_BODY = {};

    ClientRequest(String method, String target, Map<String, String> headers, byte[] body, boolean forwarded) {
        this(method, target, headers, body, forwarded, Optional.empty());
    }

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
        return new ClientRequest(
                method,
                target,
                headers,
                body,
                lookup.get(FORWARDED) != null,
                Optional.ofNullable(lookup.get(FOLLOWER_WRITES)).map(ClientRequest::followerWrites));
    }

    private static FollowerWrites followerWrites(String header) {
        return switch (header.strip().toLowerCase(Locale.ROOT)) {
            case "redirect" -> FollowerWrites.REDIRECT;
            case "forward" -> FollowerWrites.FORWARD;
            case "reject" -> FollowerWrites.REJECT;
            default ->
                throw new KvException(
                        Code.INVALID, FOLLOWER_WRITES + " is " + header + ": give redirect, forward or reject");
        };
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
