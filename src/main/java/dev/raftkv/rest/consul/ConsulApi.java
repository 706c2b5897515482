package dev.raftkv.rest.consul;

import dev.raftkv.kv.KvService;
import dev.raftkv.rest.cluster.LeaderRouting;
import dev.raftkv.rest.cluster.Reads;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Hosted;
import dev.raftkv.rest.http.Operation;
import dev.raftkv.rest.http.Operation.Effect;
import dev.raftkv.rest.http.Replies;
import dev.raftkv.rest.request.Request;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** All that clients of Consul are served with. */
public final class ConsulApi {
    private static final String KV = ConsulServlet.ROOT + "kv/{key}";

    private final Replies replies;
    private final List<Operation> operations = new ArrayList<>();

    /**
     * @param routing sends everything on to the leader
     * @param others makes what there is beside keys
     */
    public ConsulApi(KvService kv, LeaderRouting routing, Reads reads, Replies replies, Others others) {
        this.replies = replies;
        Blocking blocking = new Blocking(kv, replies.timer(), replies::inTurn);
        ConsulRouting toLeader = new ConsulRouting(kv, routing);
        ConsulReads consulReads = new ConsulReads(kv, reads, blocking);
        KvReads kvReads = new KvReads(consulReads);
        KvWrites kvWrites = new KvWrites(kv, toLeader);
        add("GET", KV, Effect.READS, 0, kvReads::get);
        add("PUT", KV, Effect.CHANGES, kv.maxValueBytes(), kvWrites::put);
        add("DELETE", KV, Effect.CHANGES, 0, kvWrites::delete);
        operations.addAll(others.operations(toLeader, consulReads));
        operations.replaceAll(new Opening(kv, toLeader, reads)::before);
    }

    /** Of other rooms. */
    public interface Others {
        List<Operation> operations(ConsulRouting routing, ConsulReads reads);
    }

    /** What follows a route, decoded, beside the request. */
    private interface Function {
        CompletionStage<Answer> apply(Request request, String tail);
    }

    private void add(String method, String route, Effect effect, int maxBody, Function function) {
        Operation[] operation = new Operation[1];
        operation[0] = new Operation(
                        method,
                        route,
                        List.of(),
                        effect,
                        request -> function.apply(request, ConsulServlet.tail(request.path(), operation[0])))
                .takingBody(maxBody)
                .ofAnotherInterface();
        operations.add(operation[0]);
    }

    public List<Operation> operations() {
        return operations;
    }

    /** Whether a request is one of a client of Consul. */
    public static boolean isMeant(HttpServletRequest request) {
        return request.getRequestURI()
                .startsWith(ConsulServlet.ROOT, request.getContextPath().length() + 1);
    }

    /**
     * @param hosted the operations
     * @param datacenter the name of the only one that there is
     */
    public HttpServlet servlet(List<Hosted> hosted, String datacenter) {
        return new ConsulServlet(hosted, replies, datacenter);
    }
}
