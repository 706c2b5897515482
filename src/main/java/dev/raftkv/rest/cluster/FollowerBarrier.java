package dev.raftkv.rest.cluster;

import dev.raftkv.json.JsonAnswer;
import dev.raftkv.kv.KvService;
import dev.raftkv.kv.SharedBarrier;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Request;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A follower's way to a barrier: it asks the leader over HTTP, once for all its readers that wait, and gets an index. No
 * data crosses the network.
 */
public final class FollowerBarrier {
    /** Where a leader is asked. */
    public static final String PATH = "raft/barrier";

    private static final byte[] NO_BODY = {};
    private static final String NO_LEADER = "no leader is known now";

    private final KvService kv;
    private final LeaderForwarder forwarder;
    private final Reach reach;
    private final SharedBarrier shared = new SharedBarrier(this::ask);

    public FollowerBarrier(KvService kv, LeaderForwarder forwarder, Reach reach) {
        this.kv = kv;
        this.forwarder = forwarder;
        this.reach = reach;
    }

    /** See {@link dev.raftkv.kv.Replicator#barrier}, but the entries up to the index may not be applied here yet. */
    CompletableFuture<Long> index() {
        return shared.index();
    }

    /** Asks the leader; when another one leads meanwhile, that one: the first may never answer. */
    private CompletableFuture<Long> ask() {
        CompletableFuture<Void> change = kv.leaderChange();
        CompletableFuture<Long> answer = askLeader();
        return CompletableFuture.anyOf(answer, change).thenCompose(first -> answer.isDone() ? answer : ask());
    }

    private CompletableFuture<Long> askLeader() {
        NodeStatus status = kv.status();
        if (status.leaderId().isEmpty()) {
            return reach.told(status).thenApply(told -> {
                throw unavailable(told.isEmpty() ? NO_LEADER : NO_LEADER + " (" + told + ")", null);
            });
        }
        String leader = status.leaderHttpAddress()
                .filter(address -> !status.leaderId().equals(Optional.of(status.nodeId())))
                .orElseThrow(() -> unavailable(NO_LEADER, null));
        Request request = Request.of("POST", PATH, null, Map.of(), NO_BODY);
        return forwarder.forward(request, leader, kv.readWait()).handle((answer, failure) -> {
            if (failure != null) {
                throw unavailable("the leader did not answer", failure);
            }
            return index(answer);
        });
    }

    /** From {@code {"message":..,"data":{"index":57}}}. */
    private static long index(Answer answer) {
        return Optional.of(answer)
                .filter(each -> each.status() == 200)
                .flatMap(each -> JsonAnswer.read(each.bytes()))
                .flatMap(each -> each.number("data", "index"))
                .orElseThrow(() -> unavailable("the leader did not confirm that it leads", null));
    }

    private static KvException unavailable(String reason, Throwable cause) {
        return new KvException(
                Code.UNAVAILABLE,
                reason + ", so this read cannot be linearizable now: try again, or read with consistency=eventual",
                cause);
    }
}
