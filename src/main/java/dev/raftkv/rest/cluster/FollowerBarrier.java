package dev.raftkv.rest.cluster;

import dev.raftkv.access.Seals;
import dev.raftkv.json.JsonAnswer;
import dev.raftkv.kv.KvService;
import dev.raftkv.kv.SharedBarrier;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.peer.Lane;
import dev.raftkv.peer.NodeAnswer;
import dev.raftkv.peer.NodeRequest;
import dev.raftkv.peer.Peer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A follower's way to a barrier when the leader cannot be asked at its Raft port: it asks over HTTP, once for all its readers
 * that wait, and gets an index. No data crosses the network.
 */
public final class FollowerBarrier {
    /** Where a leader is asked. */
    public static final String PATH = "raft/barrier";

    private static final byte[] NO_BODY = {};
    private static final String NO_LEADER = "no leader is known now";

    private final KvService kv;
    private final Lane lane;
    private final Reach reach;
    private final SharedBarrier shared = new SharedBarrier(this::ask, Runnable::run);

    /** @param lane of its own: those who read must not wait for what others write */
    public FollowerBarrier(KvService kv, Lane lane, Reach reach) {
        this.kv = kv;
        this.lane = lane;
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
        String address = status.leaderHttpAddress()
                .filter(known -> !status.leaderId().equals(Optional.of(status.nodeId())))
                .orElseThrow(() -> unavailable(NO_LEADER, null));
        Peer leader = new Peer(address, status.leaderId().get());
        return lane.send(new NodeRequest(
                        "POST", leader, "/" + PATH, cluster(status), NO_BODY, LeaderForwarder.CONNECT, kv.readWait()))
                .handle((answer, failure) -> {
                    if (failure != null) {
                        throw unavailable("the leader did not answer", failure);
                    }
                    try (answer) {
                        return index(leader, answer);
                    }
                });
    }

    /** An address may have come to a node of another cluster, whose index would mean nothing here. */
    private static Map<String, String> cluster(NodeStatus status) {
        return status.identity()
                .birth()
                .cluster()
                .map(id -> Map.of(Seals.CLUSTER, id.toString()))
                .orElse(Map.of());
    }

    /** From {@code {"message":..,"data":{"index":57}}}. */
    private static long index(Peer leader, NodeAnswer answer) {
        if (answer.isDistrust()) {
            throw unavailable(Distrust.words(leader, answer), null);
        }
        return Optional.of(answer)
                .filter(each -> each.status() == 200 && each.isWhole())
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
