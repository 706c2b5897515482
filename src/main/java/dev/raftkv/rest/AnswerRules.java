package dev.raftkv.rest;

import dev.raftkv.kv.KvService;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MultivaluedMap;

/**
 * What holds for every answer: it says which node gives it and how far that is, none outlives the state that it tells of, and
 * no error is without a sentence.
 */
final class AnswerRules implements ContainerResponseFilter {
    static final String CACHE = "no-store";

    private final KvService kv;
    private final String nodeId;

    AnswerRules(KvService kv, String nodeId) {
        this.kv = kv;
        this.nodeId = nodeId;
    }

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        response.getHeaders().putSingle(HttpHeaders.CACHE_CONTROL, CACHE);
        tellNode(response.getHeaders());
        if (response.getStatus() >= 400 && !response.hasEntity()) {
            explain(response);
        }
    }

    /**
     * An answer that was relayed tells of the node that gave it already, and one that tells of keys of the revision that they
     * have it from: the store's may be ahead of it by now.
     */
    void tellNode(MultivaluedMap<String, Object> headers) {
        if (headers.containsKey(StoreHeaders.NODE)) {
            return;
        }
        headers.putSingle(StoreHeaders.NODE, nodeId);
        if (!headers.containsKey(StoreHeaders.REVISION)) {
            kv.revision().ifPresent(revision -> headers.putSingle(StoreHeaders.REVISION, revision));
        }
    }

    /** Jersey answers headers that it cannot parse by itself, past the {@link ErrorMapper}. */
    private static void explain(ContainerResponseContext response) {
        byte[] problem = Answers.problemDocument(
                response.getStatus(), "a header of the request is malformed: check Accept and Content-Type");
        response.setEntity(problem, null, Answers.PROBLEM);
    }
}
