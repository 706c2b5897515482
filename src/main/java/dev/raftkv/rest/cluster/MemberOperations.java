package dev.raftkv.rest.cluster;

import dev.raftkv.access.Caller;
import dev.raftkv.access.UserRole;
import dev.raftkv.kv.KvService;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Write;
import dev.raftkv.peer.Peer;
import dev.raftkv.raft.members.Membership.Removal;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Answers;
import dev.raftkv.rest.http.Operation;
import dev.raftkv.rest.http.Operation.Effect;
import dev.raftkv.rest.request.Request;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Members and status of the cluster. */
public final class MemberOperations {
    private static final int MAX_BODY = 64 * 1024;

    private final KvService kv;
    private final MemberChanges members;
    private final LeaderRouting routing;
    private final MemberList list;

    public MemberOperations(KvService kv, MemberChanges members, LeaderRouting routing) {
        this.kv = kv;
        this.members = members;
        this.routing = routing;
        this.list = new MemberList(kv, members.sights(), routing);
    }

    public List<Operation> all() {
        return List.of(
                new Operation("POST", "raft/join", List.of(), Effect.MEMBERS, this::join)
                        .takingBody(MAX_BODY)
                        .askingFor(UserRole.NODE),
                new Operation("POST", "raft/remove", List.of(), Effect.MEMBERS, this::remove).takingBody(MAX_BODY),
                new Operation("POST", "raft/announce", List.of(), Effect.MEMBERS, this::announce)
                        .takingBody(MAX_BODY)
                        .askingFor(UserRole.NODE),
                new Operation("POST", "raft/transfer", List.of(), Effect.MEMBERS, this::transfer).takingBody(MAX_BODY),
                new Operation("POST", "raft/snapshot", List.of(), Effect.OPERATIONAL, this::snapshot),
                new Operation("GET", "raft/members", List.of(), Effect.OPERATIONAL, list::members)
                        .askingFor(UserRole.READER),
                new Operation("GET", "raft/stats", List.of(), Effect.OPERATIONAL, this::stats)
                        .askingFor(UserRole.READER)
                        .askedByNodesToo(),
                new Operation("POST", FollowerBarrier.PATH, List.of(), Effect.OPERATIONAL, this::barrier)
                        .askingFor(UserRole.NODE));
    }

    private CompletionStage<Answer> join(Request request) {
        MemberRequest.Join join = MemberRequest.Join.parse(request.body());
        requireItself(request.caller(), join.asked().nodeId());
        if (join.asked().force() && request.caller().isNode()) {
            throw new KvException(
                    Code.FORBIDDEN,
                    "\"force\" is for people to decide: let an admin join "
                            + join.asked().nodeId());
        }
        return routing.route(
                request,
                () -> members.join()
                        .apply(join.asked())
                        .thenApply(joined -> answer(
                                "node " + joined.nodeId() + " at " + join.addressText() + " joined successfully",
                                joined.warning())));
    }

    /** A node that has fallen into other hands takes no other one's place. */
    private static void requireItself(Caller caller, String nodeId) {
        if (caller.isNode() && !caller.name().equals(nodeId)) {
            throw new KvException(
                    Code.FORBIDDEN,
                    caller.name() + " is a node and may speak for itself alone, not for " + nodeId
                            + ": its certificate or token must bear its RAFT_NODE_ID; or let an admin do this");
        }
    }

    private CompletionStage<Answer> remove(Request request) {
        MemberRequest.Remove remove = MemberRequest.Remove.parse(request.body());
        return routing.route(
                request,
                () -> members.remove()
                        .apply(remove.nodeId())
                        .thenCompose(removal -> removed(removal, remove, request)));
    }

    private CompletableFuture<Answer> removed(Removal removal, MemberRequest.Remove remove, Request request) {
        if (removal instanceof Removal.HandedOver handedOver) {
            return routing.forward(request, new Peer(handedOver.leaderHttpAddress(), handedOver.leaderId()));
        }
        return CompletableFuture.completedFuture(
                answer("node " + remove.nodeId() + " removed successfully", Optional.empty()));
    }

    private CompletionStage<Answer> transfer(Request request) {
        MemberRequest.Transfer transfer = MemberRequest.Transfer.parse(request.body());
        return routing.route(
                request,
                () -> members.transfer()
                        .apply(transfer.nodeId())
                        .thenApply(leader -> answer("node " + leader + " leads now", Optional.empty())));
    }

    /** Of this node, whoever leads: each has its own. */
    private CompletionStage<Answer> snapshot(Request request) {
        return members.snapshot()
                .get()
                .thenApply(index -> Answers.ok(json -> {
                    json.writeStringField("message", "the snapshot is on the disk");
                    json.writeObjectFieldStart("data");
                    json.writeStringField("node_id", kv.status().nodeId());
                    json.writeNumberField("index", index);
                    json.writeEndObject();
                }));
    }

    /**
     * A member that has moved its HTTP address, or whose address its join did not come to replicate. It is not passed on: a
     * node that does not lead says so.
     */
    private CompletionStage<Answer> announce(Request request) {
        MemberRequest.Announce announce = MemberRequest.Announce.parse(request.body());
        requireItself(request.caller(), announce.nodeId());
        boolean member = kv.status().members().stream()
                .anyMatch(each -> each.nodeId().equals(announce.nodeId())
                        && each.raftAddress().equals(announce.address()));
        if (!member) {
            throw new KvException(
                    Code.CONFLICT,
                    "no member is called " + announce.nodeId() + " at " + announce.address() + ": join it first");
        }
        Command command = new Command.Announce(announce.nodeId(), announce.httpAddress());
        return kv.write(Write.of(command), Outcome.Announced.class)
                .thenApply(announced ->
                        Answers.ok(json -> json.writeStringField("message", "the members know the address")));
    }

    private CompletionStage<Answer> stats(Request request) {
        return CompletableFuture.completedFuture(answer("Here is the raft status", Optional.empty()));
    }

    /** A follower's question, see {@link FollowerBarrier}. It is not passed on: a node that does not lead says so. */
    private CompletionStage<Answer> barrier(Request request) {
        return kv.barrier()
                .thenApply(index -> Answers.ok(json -> {
                    json.writeStringField("message", "barrier passed");
                    json.writeObjectFieldStart("data");
                    json.writeNumberField("index", index);
                    json.writeEndObject();
                }));
    }

    private Answer answer(String message, Optional<String> warning) {
        return Answers.ok(StatusJson.answer(message, kv.status(), kv.disk(), kv.restoring(), warning));
    }
}
