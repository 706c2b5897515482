package dev.raftkv.rest;

import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.io.IOException;

/** Sends the answers that are made past Jersey, by the same rules. */
final class ServletAnswers {
    private final AnswerRules rules;

    ServletAnswers(AnswerRules rules) {
        this.rules = rules;
    }

    /** @param answer its entity is a {@code byte[]} */
    void write(Response answer, HttpServletResponse response) throws IOException {
        response.setStatus(answer.getStatus());
        MultivaluedMap<String, Object> headers = answer.getHeaders();
        rules.tellNode(headers);
        headers.forEach((name, values) -> values.forEach(value -> response.addHeader(name, value.toString())));
        response.setHeader(HttpHeaders.CACHE_CONTROL, AnswerRules.CACHE);
        response.getOutputStream().write((byte[]) answer.getEntity());
    }
}
