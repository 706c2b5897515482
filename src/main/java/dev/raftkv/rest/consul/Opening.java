package dev.raftkv.rest.consul;

import dev.raftkv.kv.KvService;
import dev.raftkv.model.Command.OfConsul;
import dev.raftkv.model.ReadLevel;
import dev.raftkv.model.Write;
import dev.raftkv.rest.cluster.Reads;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Operation;
import dev.raftkv.rest.http.Operation.Effect;
import dev.raftkv.rest.request.Request;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Has all nodes keep what clients of Consul need, from the first of their reads on: without when keys were removed, one that waits
 * could miss it. Their writes do it by themselves, see {@link OfConsul#LEVEL}. A cluster that none of them asks keeps nothing for
 * them, and can go back to a version that does not know them.
 */
final class Opening {
    /** What is read under them is kept by all nodes. All else a node tells of its own knowledge. */
    private static final List<String> KEPT = List.of(ConsulServlet.ROOT + "kv/", ConsulServlet.ROOT + "session/");

    private final KvService kv;
    private final ConsulRouting routing;
    private final Reads reads;

    Opening(KvService kv, ConsulRouting routing, Reads reads) {
        this.kv = kv;
        this.routing = routing;
        this.reads = reads;
    }

    /** The same operation, after that if it needs it. */
    Operation before(Operation operation) {
        boolean needed = operation.effect() == Effect.READS && KEPT.stream().anyMatch(operation.route()::startsWith);
        return needed ? operation.with(request -> first(request, operation.function())) : operation;
    }

    /** A node that does not lead has the leader do it, by asking it the same; what it missed meanwhile it then waits for. */
    private CompletionStage<Answer> first(Request request, Function<Request, CompletionStage<Answer>> read) {
        if (kv.reader().logLevel() >= OfConsul.LEVEL) {
            return read.apply(request);
        }
        return routing.route(
                        request.withoutQuery(),
                        () -> kv.write(Write.of(new OfConsul.Open())).thenApply(opened -> Answer.empty(200)))
                .thenCompose(opened -> opened.status() >= 500
                        ? CompletableFuture.completedFuture(opened)
                        : reads.reader(new Reads.Demand(ReadLevel.LINEARIZABLE, 0))
                                .thenCompose(current -> current.logLevel() >= OfConsul.LEVEL
                                        ? read.apply(request)
                                        : CompletableFuture.completedFuture(opened)));
    }
}
