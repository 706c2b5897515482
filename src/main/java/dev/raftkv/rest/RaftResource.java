package dev.raftkv.rest;

import dev.raftkv.kv.KvService;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Write;
import dev.raftkv.raft.members.Membership.Removal;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Members and status of the cluster. */
final class RaftResource {
    private static final int MAX_BODY = 64 * 1024;

    private final KvService kv;
    private final MemberChanges members;
    private final LeaderRouting routing;
    private final RequestBody body = new RequestBody(MAX_BODY);

    RaftResource(KvService kv, MemberChanges members, LeaderRouting routing) {
        this.kv = kv;
        this.members = members;
        this.routing = routing;
    }

    CompletionStage<Response> join(ContainerRequestContext request) {
        QueryParameters.of(request.getUriInfo());
        byte[] bytes = body.read(request);
        MemberRequest.Join join = MemberRequest.Join.parse(bytes);
        return routing.route(
                ClientRequest.of(request, bytes),
                members.join()
                        .apply(join.nodeId(), join.address(), join.discardData())
                        .thenApply(joined -> answer(
                                "node " + joined.nodeId() + " at " + join.addressText() + " joined successfully",
                                joined.warning())));
    }

    CompletionStage<Response> remove(ContainerRequestContext request) {
        QueryParameters.of(request.getUriInfo());
        byte[] bytes = body.read(request);
        MemberRequest.Remove remove = MemberRequest.Remove.parse(bytes);
        ClientRequest write = ClientRequest.of(request, bytes);
        return routing.route(
                write, members.remove().apply(remove.nodeId()).thenCompose(removal -> removed(removal, remove, write)));
    }

    private CompletableFuture<Response> removed(Removal removal, MemberRequest.Remove remove, ClientRequest write) {
        if (removal instanceof Removal.HandedOver handedOver) {
            return routing.forward(write, handedOver.leaderHttpAddress());
        }
        return CompletableFuture.completedFuture(
                answer("node " + remove.nodeId() + " removed successfully", Optional.empty()));
    }

    /**
     * A member that has moved its HTTP address, or whose address its join did not come to replicate. It is not passed on: a
     * node that does not lead says so.
     */
    CompletionStage<Response> announce(ContainerRequestContext request) {
        QueryParameters.of(request.getUriInfo());
        MemberRequest.Announce announce = MemberRequest.Announce.parse(body.read(request));
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
                .thenApply(announced -> Answers.ok(
                        Json.line(json -> json.writeStringField("message", "the members know the address"))));
    }

    Response stats(ContainerRequestContext request) {
        QueryParameters.of(request.getUriInfo());
        return answer("Here is the raft status", Optional.empty());
    }

    private Response answer(String message, Optional<String> warning) {
        return Answers.ok(StatusJson.answer(message, kv.status(), warning));
    }
}
