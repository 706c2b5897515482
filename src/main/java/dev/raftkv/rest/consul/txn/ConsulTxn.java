package dev.raftkv.rest.consul.txn;

import dev.raftkv.kv.KvService;
import dev.raftkv.kv.Reader;
import dev.raftkv.model.Command.OfConsul;
import dev.raftkv.model.ConsulOp;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Write;
import dev.raftkv.rest.consul.ConsulReads;
import dev.raftkv.rest.consul.ConsulRouting;
import dev.raftkv.rest.consul.text.ConsulFailure;
import dev.raftkv.rest.consul.text.ConsulQuery;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Operation;
import dev.raftkv.rest.http.Operation.Effect;
import dev.raftkv.rest.request.Request;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** {@code PUT /v1/txn}. */
public final class ConsulTxn {
    private static final int MAX_BODY = 8 << 20;

    /** Each time some of the keys change meanwhile. */
    private static final int TRIES = 100;

    /** What no key is: no change has this revision. */
    private static final ConsulOp NEVER = new ConsulOp.CheckIndex(Key.of("none"), -1);

    private final KvService kv;
    private final ConsulRouting routing;
    private final ConsulReads reads;
    private final TxnBody body;

    /** @param unsupported what is said of operations on what is no key */
    public ConsulTxn(KvService kv, ConsulRouting routing, ConsulReads reads, String unsupported) {
        this.kv = kv;
        this.routing = routing;
        this.reads = reads;
        this.body = new TxnBody(kv.maxValueBytes(), unsupported);
    }

    public List<Operation> all() {
        return List.of(new Operation("PUT", "v1/txn", List.of(), Effect.CHANGES, this::txn)
                .takingBody(MAX_BODY)
                .ofAnotherInterface());
    }

    private CompletionStage<Answer> txn(Request request) {
        ConsulQuery query = ConsulQuery.of(request.rawQuery());
        boolean pretty = query.flag("pretty");
        List<TxnStep> steps = body.parse(request.body());
        // One that cannot be is an error among those of the others.
        List<ConsulOp> operations =
                steps.stream().map(step -> step.operation().orElse(NEVER)).toList();
        if (operations.stream().allMatch(ConsulOp::isRead)) {
            return reads.now(query, reader -> read(reader, steps, operations, pretty));
        }
        return write(request, steps, operations, pretty);
    }

    private CompletionStage<Answer> write(
            Request request, List<TxnStep> steps, List<ConsulOp> operations, boolean pretty) {
        Write write = Write.of(new OfConsul.Txn(operations));
        return routing.route(
                request,
                () -> kv.write(write).thenApply(outcome -> {
                    if (outcome instanceof Outcome.Rejected rejected) {
                        throw new ConsulFailure(500, KvService.failure(rejected).getMessage());
                    }
                    return answer(steps, (Outcome.ConsulDone) outcome, pretty);
                }));
    }

    /** A small transaction can have a large answer, which its client may not take at once. */
    private Answer answer(List<TxnStep> steps, Outcome.ConsulDone done, boolean pretty) {
        if (!done.errors().isEmpty()) {
            return TxnText.failed(steps, done.errors(), pretty);
        }
        Answer answer = TxnText.done(done.results(), pretty);
        return answer.whenGone(kv.unsent().add(answer.bytes().length));
    }

    private Answer read(Reader reader, List<TxnStep> steps, List<ConsulOp> operations, boolean pretty) {
        Optional<Outcome.ConsulDone> seen = new TxnRead(reader).of(operations);
        for (int tries = 1; seen.isEmpty(); tries++) {
            if (tries == TRIES) {
                throw new ConsulFailure(500, "the keys change too quickly to be read together: try again");
            }
            seen = new TxnRead(kv.reader()).of(operations);
        }
        return answer(steps, seen.get(), pretty);
    }
}
