package dev.raftkv.raft.group;

import dev.raftkv.kv.Replicator;
import dev.raftkv.model.Code;
import dev.raftkv.model.DiskRoom;
import dev.raftkv.model.KvException;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Write;
import dev.raftkv.raft.log.Barriers;
import dev.raftkv.raft.log.GroupCommit;
import dev.raftkv.raft.log.LeaderLease;
import dev.raftkv.raft.log.Understanding;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.read.FollowerReads;
import dev.raftkv.raft.read.LeaderReads;
import dev.raftkv.store.KvStore;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Replicates through this node's group what the node may take now. */
public final class Replication implements Replicator {
    private final OwnServer server;
    private final Standing standing;
    private final GroupLife life;
    private final StatusReader status;
    private final Understanding understanding;
    private final GroupCommit commit;
    private final Barriers barriers;
    private final LeaderReads leaderReads;
    private final FollowerReads followerReads;
    private final LeaderLease lease;

    public Replication(
            OwnServer server,
            Standing standing,
            GroupLife life,
            StatusReader status,
            Understanding understanding,
            GroupCommit commit,
            Barriers barriers,
            LeaderReads leaderReads,
            FollowerReads followerReads,
            LeaderLease lease) {
        this.server = server;
        this.standing = standing;
        this.life = life;
        this.status = status;
        this.understanding = understanding;
        this.commit = commit;
        this.barriers = barriers;
        this.leaderReads = leaderReads;
        this.followerReads = followerReads;
        this.lease = lease;
    }

    @Override
    public CompletableFuture<Outcome> write(Write write) {
        Optional<KvException> refusal =
                standing.writeRefusal(write.command()).or(() -> understanding.refusal(write.command()));
        return refusal.isPresent()
                ? CompletableFuture.failedFuture(refusal.get())
                : commit.write(understanding.put(write), standing::holdRefusal);
    }

    @Override
    public CompletableFuture<Long> barrier() {
        Optional<KvException> refusal = standing.barrierRefusal();
        return refusal.isPresent() ? CompletableFuture.failedFuture(refusal.get()) : barriers.index();
    }

    @Override
    public CompletableFuture<Long> readIndex() {
        Optional<String> idle = standing.idleReason();
        if (idle.isPresent()) {
            return CompletableFuture.failedFuture(new KvException(Code.UNAVAILABLE, idle.get()));
        }
        return server.isLed() ? leaderReads.index() : followerReads.index();
    }

    @Override
    public CompletableFuture<Long> leaderIndex() {
        Optional<String> idle = standing.idleReason();
        if (idle.isPresent()) {
            return CompletableFuture.failedFuture(new KvException(Code.UNAVAILABLE, idle.get()));
        }
        return server.isLed()
                ? leaderReads.index()
                : CompletableFuture.failedFuture(new KvException(Code.NOT_LEADER, "another node leads"));
    }

    @Override
    public CompletableFuture<Void> leaderChange() {
        return life.leaderChange();
    }

    @Override
    public boolean holdsLease() {
        return lease.isValid() && server.isLedReadily();
    }

    @Override
    public KvStore store() {
        return standing.store();
    }

    @Override
    public NodeStatus status() {
        return status.read();
    }

    @Override
    public Optional<DiskRoom> disk() {
        return standing.disk().room();
    }
}
