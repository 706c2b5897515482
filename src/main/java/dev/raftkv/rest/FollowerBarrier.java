package dev.raftkv.rest;

import dev.raftkv.kv.KvService;
import dev.raftkv.kv.SharedBarrier;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.NodeStatus;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A follower's way to a barrier: it asks the leader over HTTP, once for all its readers that wait, and gets an index. No
 * data crosses the network.
 */
final class FollowerBarrier {
    /** Where a leader is asked. */
    static final String PATH = "raft/barrier";

    private static final Pattern INDEX = Pattern.compile("\"index\":([0-9]{1,18})");
    private static final byte[] NO_BODY = {};
    private static final String NO_LEADER = "no leader is known now";

    private final KvService kv;
    private final LeaderForwarder forwarder;
    private final Reach reach;
    private final SharedBarrier shared = new SharedBarrier(this::ask);

    FollowerBarrier(KvService kv, LeaderForwarder forwarder, Reach reach) {
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
        ClientRequest request = new ClientRequest("POST", "/" + PATH, Map.of(), NO_BODY, false);
        return forwarder.forward(request, leader, kv.readWait()).handle((answer, failure) -> {
            if (failure != null) {
                throw unavailable("the leader did not answer", failure);
            }
            return index(answer);
        });
    }

    private static long index(Response answer) {
        String body = new String((byte[]) answer.getEntity(), StandardCharsets.UTF_8);
        Matcher index = INDEX.matcher(body);
        if (answer.getStatus() != Response.Status.OK.getStatusCode() || !index.find()) {
            throw unavailable("the leader did not confirm that it leads", null);
        }
        return Long.parseLong(index.group(1));
    }

    private static KvException unavailable(String reason, Throwable cause) {
        return new KvException(
                Code.UNAVAILABLE,
                reason + ", so this read cannot be linearizable now: try again, or read with consistency=eventual",
                cause);
    }
}
