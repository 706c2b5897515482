package dev.raftkv.rest.cluster;

import dev.raftkv.model.Address;
import dev.raftkv.raft.members.Membership;
import dev.raftkv.raft.members.Membership.Joined;
import dev.raftkv.raft.members.Membership.Removal;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** The two things that the API asks of {@link Membership}. */
public record MemberChanges(Join join, Function<String, CompletableFuture<Removal>> remove) {
    public interface Join {
        CompletableFuture<Joined> apply(String nodeId, Address raftAddress, boolean discardData);
    }

    public static MemberChanges of(Membership membership) {
        return new MemberChanges(membership::join, membership::remove);
    }
}
