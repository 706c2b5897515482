package dev.raftkv.rest.cluster;

import dev.raftkv.raft.members.Configuration.Sight;
import dev.raftkv.raft.members.Membership;
import dev.raftkv.raft.members.Membership.Asked;
import dev.raftkv.raft.members.Membership.Joined;
import dev.raftkv.raft.members.Membership.Removal;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the API asks of {@link Membership}, and of the node's log.
 *
 * @param sights the others as this node sees them, if it leads
 * @param snapshot has one taken, and tells its index
 */
public record MemberChanges(
        Function<Asked, CompletableFuture<Joined>> join,
        Function<String, CompletableFuture<Removal>> remove,
        Function<Optional<String>, CompletableFuture<String>> transfer,
        Supplier<Optional<List<Sight>>> sights,
        Supplier<CompletableFuture<Long>> snapshot) {
    public static MemberChanges of(Membership membership, Supplier<CompletableFuture<Long>> snapshot) {
        return new MemberChanges(
                membership::join, membership::remove, membership::transfer, membership::sights, snapshot);
    }
}
