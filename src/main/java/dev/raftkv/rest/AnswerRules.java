package dev.raftkv.rest;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.HttpHeaders;

/** What holds for every answer: none outlives the state that it tells of, and no error is without a sentence. */
final class AnswerRules implements ContainerResponseFilter {
    static final String CACHE = "no-store";

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        response.getHeaders().putSingle(HttpHeaders.CACHE_CONTROL, CACHE);
        if (response.getStatus() >= 400 && !response.hasEntity()) {
            explain(response);
        }
    }

    /** Jersey answers headers that it cannot parse by itself, past the {@link ErrorMapper}. */
    private static void explain(ContainerResponseContext response) {
        byte[] problem = Answers.problemDocument(
                response.getStatus(), "a header of the request is malformed: check Accept and Content-Type");
        response.setEntity(problem, null, Answers.PROBLEM);
    }
}
