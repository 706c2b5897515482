package dev.raftkv.rest.access;

import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Request;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Optional;

/** A request of a client of Consul, whose token stands in the query, or in a header of its own, or where ours do. */
final class TokenRequest extends HttpServletRequestWrapper {
    private final Optional<String> token;

    TokenRequest(HttpServletRequest request) {
        super(request);
        this.token = Request.consulToken(request);
    }

    @Override
    public String getHeader(String name) {
        return isMeant(name) ? "Bearer " + token.get() : super.getHeader(name);
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
        return isMeant(name) ? Collections.enumeration(Collections.singleton(getHeader(name))) : super.getHeaders(name);
    }

    private boolean isMeant(String name) {
        return token.isPresent() && name.equalsIgnoreCase(Headers.AUTHORIZATION);
    }
}
