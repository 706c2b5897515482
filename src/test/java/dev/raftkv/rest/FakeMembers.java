package dev.raftkv.rest;

import dev.raftkv.model.Address;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.members.Configuration.Sight;
import dev.raftkv.raft.members.Membership.Joined;
import dev.raftkv.raft.members.Membership.Removal;
import dev.raftkv.rest.cluster.MemberChanges;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** Notes what is asked for, and answers as told. */
final class FakeMembers {
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile CompletableFuture<Joined> joined;
    private volatile CompletableFuture<Removal> removed;
    private volatile CompletableFuture<String> transferred;
    private volatile CompletableFuture<Long> snapshot;
    private volatile Optional<List<Sight>> sights;

    FakeMembers() {
        reset();
    }

    /** Every change works. */
    void reset() {
        asked.clear();
        joins("node2", Optional.empty());
        removed = CompletableFuture.completedFuture(new Removal.Done());
        transferred = CompletableFuture.completedFuture("node2");
        snapshot = CompletableFuture.completedFuture(11L);
        sights = Optional.empty();
    }

    /** The node leads, and sees the others so. */
    void sees(Sight... others) {
        sights = Optional.of(List.of(others));
    }

    MemberChanges changes() {
        return new MemberChanges(
                join -> {
                    asked.add("join " + join.nodeId() + " " + join.raftAddress() + (join.learner() ? " learner" : "")
                            + (join.discardData() ? " discarding" : "") + (join.force() ? " by force" : ""));
                    return joined;
                },
                nodeId -> {
                    asked.add("remove " + nodeId);
                    return removed;
                },
                nodeId -> {
                    asked.add("transfer " + nodeId.orElse("to anybody"));
                    return transferred;
                },
                () -> sights,
                () -> snapshot);
    }

    void joins(String nodeId, Optional<String> warning) {
        joined = CompletableFuture.completedFuture(new Joined(nodeId, new Address("127.0.0.1", 1112), warning));
    }

    void handsOverTo(String leaderHttpAddress) {
        removed = CompletableFuture.completedFuture(new Removal.HandedOver("node2", leaderHttpAddress));
    }

    void fail(Code code, String sentence) {
        joined = CompletableFuture.failedFuture(new KvException(code, sentence));
        removed = CompletableFuture.failedFuture(new KvException(code, sentence));
        transferred = CompletableFuture.failedFuture(new KvException(code, sentence));
        snapshot = CompletableFuture.failedFuture(new KvException(code, sentence));
    }

    List<String> asked() {
        return List.copyOf(asked);
    }
}
