package dev.raftkv.rest;

import dev.raftkv.kv.KvService;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Answers;
import dev.raftkv.rest.request.Headers;
import java.util.function.Consumer;

/** What holds for every answer: it says which node gives it and how far that is, and none outlives the state that it tells of. */
final class AnswerRules implements Consumer<Answer> {
    private final KvService kv;
    private final String nodeId;

    AnswerRules(KvService kv, String nodeId) {
        this.kv = kv;
        this.nodeId = nodeId;
    }

    /** The same, where revisions have another name. */
    void withoutRevision(Answer answer) {
        if (!answer.has(Headers.CACHE_CONTROL)) {
            answer.header(Headers.CACHE_CONTROL, Answers.NO_STORE);
        }
        if (!answer.has(Headers.NODE)) {
            answer.header(Headers.NODE, nodeId);
        }
    }

    /**
     * An answer that was relayed tells of the node that gave it already, and one that tells of keys of the revision that they
     * have it from: the store's may be ahead of it by now.
     */
    @Override
    public void accept(Answer answer) {
        boolean relayed = answer.has(Headers.NODE);
        withoutRevision(answer);
        if (!relayed && !answer.has(Headers.REVISION)) {
            kv.revision().ifPresent(revision -> answer.header(Headers.REVISION, revision));
        }
    }
}
