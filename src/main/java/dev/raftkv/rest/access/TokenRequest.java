package dev.raftkv.rest.access;

import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Request;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Optional;

/** A request of a client of Consul, whose token stands in the query, or in a header of its own, or where ours do. */
final class TokenRequest extends HttpServletRequestWrapper {
    private final Optional<String> token;
    private final boolean empty;

    TokenRequest(HttpServletRequest request) {
        super(request);
        this.token = Request.consulToken(request);
        this.empty = token.isEmpty() && Request.showsEmptyToken(request);
    }

    @Override
    public String getHeader(String name) {
        return isMeant(name) ? token.map(known -> "Bearer " + known).orElse(null) : super.getHeader(name);
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
        return isMeant(name)
                ? Collections.enumeration(empty ? List.of() : List.of(getHeader(name)))
                : super.getHeaders(name);
    }

    private boolean isMeant(String name) {
        return (token.isPresent() || empty) && name.equalsIgnoreCase(Headers.AUTHORIZATION);
    }
}
