package dev.raftkv.raft.log;

import dev.raftkv.kv.ClusterClock;
import dev.raftkv.model.Outcome;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.RaftErrors;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.ratis.protocol.RaftClientReply;

/** Hands entries to the Raft server of this process, one after the other. */
public final class Proposer {
    private final OwnServer server;
    private final ClusterClock clock;
    private final LeaderLease lease;
    private final CommitSpread spread;
    private final Duration election;
    private final AtomicLong proposed = new AtomicLong();
    private volatile Proposal underWay;

    /** @param election how long to wait for an entry of a new leader's own term */
    public Proposer(OwnServer server, ClusterClock clock, LeaderLease lease, CommitSpread spread, Duration election) {
        this.server = server;
        this.election = election;
        this.clock = clock;
        this.lease = lease;
        this.spread = spread;
    }

    /**
     * Appends an entry; blocks until it is on its way. The future ends when the entry is applied, with an outcome per command,
     * or with a {@link dev.raftkv.model.KvException}. An entry is proposed once, under a call id of its own.
     */
    public CompletableFuture<List<Outcome>> propose(List<EncodedWrite> writes) {
        OptionalLong term = readyTerm();
        long made = System.nanoTime();
        Proposal proposal = new Proposal(() -> server.readyTerm().equals(term), clock.stamp(), writes);
        proposed.incrementAndGet();
        underWay = proposal;
        CompletableFuture<RaftClientReply> reply;
        try {
            reply = server.submit(proposal);
        } catch (IOException | RuntimeException | Error e) {
            reply = CompletableFuture.failedFuture(e);
        }
        return reply.handle((answer, failed) -> {
            underWay = null;
            Throwable cause = failed != null ? failed : answer.getException();
            if (cause != null) {
                throw RaftErrors.write(cause, proposal.mayCommit());
            }
            lease.extend(made);
            if (!proposal.batch().changesNothing()) {
                spread.committed();
            }
            return proposal.outcomes()
                    .orElseThrow(() -> RaftErrors.outcomeUnknown("this node did not see it applied", null));
        });
    }

    /** Whether {@link #propose} would wait for a lock of Ratis only. */
    public boolean isReady() {
        return server.isLedReadily();
    }

    /** How many entries were proposed. */
    long proposed() {
        return proposed.get();
    }

    /** How many of them are in the log, or have failed. */
    long taken() {
        Proposal latest = underWay;
        return proposed.get() - (latest == null || latest.mayCommit() ? 0 : 1);
    }

    /** The term that this node leads in. A new leader takes no entry until one of its own term is applied, which is soon. */
    private OptionalLong readyTerm() {
        long deadline = System.nanoTime() + election.toNanos();
        OptionalLong term = server.readyTerm();
        while (term.isEmpty() && server.isLed() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
            term = server.readyTerm();
        }
        if (term.isEmpty()) {
            throw server.isLed() ? RaftErrors.notReady(null) : RaftErrors.notLeader();
        }
        return term;
    }
}
