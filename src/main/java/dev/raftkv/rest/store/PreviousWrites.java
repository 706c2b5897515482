package dev.raftkv.rest.store;

import dev.raftkv.kv.KvService;
import dev.raftkv.model.Command;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.TxnOp.Result;
import dev.raftkv.model.Write;
import dev.raftkv.rest.cluster.LeaderRouting;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Answers;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Request;
import dev.raftkv.rest.txn.Previous;
import java.util.concurrent.CompletionStage;

/** Writes of one key whose answers tell what was there before. */
record PreviousWrites(KvService kv, LeaderRouting routing) {
    static boolean isAsked(Request request) {
        return request.query().flag(Previous.PARAMETER);
    }

    /** @param answer what is said of it beside what there was */
    CompletionStage<Answer> change(Request request, TxnOp.OfKey change, KeyAnswer answer) {
        Command txn = Previous.before(change, Conditions.of(request));
        Write write = new Write(txn, Precondition.NONE, RequestName.of(request));
        return routing.route(
                request,
                () -> kv.write(write, Outcome.TxnDone.class).thenApply(done -> {
                    Result.OfOne changed = Previous.change(done);
                    byte[] body = answer.body(change, changed, Previous.read(done), kv);
                    Answer told = Answers.ok(body)
                            .whenGone(kv.unsent().add(body.length))
                            .header(Headers.REVISION, done.revision());
                    return changed instanceof Result.Removed
                            ? told
                            : told.header(Headers.ETAG, Headers.tag(done.revision()));
                }));
    }
}
