package dev.raftkv.raft;

import dev.raftkv.kv.ClusterClock;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Write;
import dev.raftkv.raft.ratis.RaftErrors;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;

/** Hands entries to the Raft server of this process, one after the other. */
final class Proposer {
    private final RaftNode node;
    private final ClusterClock clock;
    private final LeaderLease lease;
    private final CommitSpread spread;
    private final AtomicLong proposed = new AtomicLong();
    private volatile Proposal underWay;

    Proposer(RaftNode node, ClusterClock clock, LeaderLease lease, CommitSpread spread) {
        this.node = node;
        this.clock = clock;
        this.lease = lease;
        this.spread = spread;
    }

    /**
     * Appends an entry; blocks until it is on its way. The future ends when the entry is applied, with an outcome per command,
     * or with a {@link dev.raftkv.model.KvException}. An entry is proposed once, under a call id of its own.
     */
    CompletableFuture<List<Outcome>> propose(List<Write> writes) {
        OptionalLong term = readyTerm();
        long made = System.nanoTime();
        Proposal proposal = new Proposal(() -> node.readyTerm().equals(term), clock.stamp(), writes);
        proposed.incrementAndGet();
        underWay = proposal;
        CompletableFuture<RaftClientReply> reply;
        try {
            reply = node.server().submitClientRequestAsync(request(proposal));
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
        long deadline = System.nanoTime() + node.config().timeouts().election().toNanos();
        OptionalLong term = node.readyTerm();
        while (term.isEmpty() && isLeader() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
            term = node.readyTerm();
        }
        if (term.isEmpty()) {
            throw isLeader() ? RaftErrors.notReady(null) : RaftErrors.notLeader();
        }
        return term;
    }

    private boolean isLeader() {
        return node.division().map(division -> division.getInfo().isLeader()).orElse(false);
    }

    private RaftClientRequest request(Message message) {
        return RaftClientRequest.newBuilder()
                .setClientId(node.clientId())
                .setServerId(node.peerId())
                .setGroupId(node.stateMachineIfAny()
                        .orElseThrow(RaftErrors::notLeader)
                        .getGroupId())
                .setCallId(node.nextCallId())
                .setMessage(message)
                .setType(RaftClientRequest.writeRequestType())
                .build();
    }
}
