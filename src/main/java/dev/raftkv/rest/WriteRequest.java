package dev.raftkv.rest;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.UriInfo;

/**
 * A write as it came in, to be sent on as it is.
 *
 * @param target path under the context root and query, encoded as the client encoded them; starts with a slash
 * @param contentType null if the request has none
 * @param forwarded whether another node has passed it on already
 */
record WriteRequest(String method, String target, String contentType, byte[] body, boolean forwarded) {
    /** Tells the receiver of a request which node has passed it on. */
    static final String FORWARDED = "Raft-Forwarded";

    static WriteRequest of(ContainerRequestContext request, byte[] body) {
        return new WriteRequest(
                request.getMethod(),
                target(request.getUriInfo()),
                request.getHeaderString(HttpHeaders.CONTENT_TYPE),
                body,
                request.getHeaderString(FORWARDED) != null);
    }

    static WriteRequest of(HttpServletRequest request, String target, byte[] body) {
        return new WriteRequest(
                request.getMethod(), target, request.getContentType(), body, request.getHeader(FORWARDED) != null);
    }

    private static String target(UriInfo uri) {
        String query = uri.getRequestUri().getRawQuery();
        return "/" + uri.getPath(false) + (query == null ? "" : "?" + query);
    }
}
