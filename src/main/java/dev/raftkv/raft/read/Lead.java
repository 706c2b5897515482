package dev.raftkv.raft.read;

import dev.raftkv.raft.ratis.OwnServer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;

/**
 * What a leader knows of itself at one moment, at which all of it is true.
 *
 * @param term in which it leads, and has applied what its predecessors have left
 * @param index up to which it has applied all that changes anything
 * @param voters of the configuration in force, which is no joint one; learners are none
 */
record Lead(RaftGroupId group, long term, long index, List<RaftPeerId> voters) {
    /**
     * What this node knows now; empty if it does not lead readily, or while the voters change: then it would have to hear
     * majorities of both the old ones and the new ones.
     *
     * @param division this node's part in its group, if it has one
     * @param applied up to where its store has come; throws while it serves nothing
     */
    static Optional<Lead> note(Supplier<Optional<RaftServer.Division>> division, LongSupplier applied) {
        Optional<RaftServer.Division> held = division.get();
        OptionalLong term = readyTerm(held);
        if (term.isEmpty()) {
            return Optional.empty();
        }
        RaftConfiguration members = held.get().getRaftConf();
        if (!members.getPreviousPeers().isEmpty()) {
            return Optional.empty();
        }
        Lead lead = new Lead(
                held.get().getMemberId().getGroupId(),
                term.getAsLong(),
                applied.getAsLong(),
                members.getCurrentPeers().stream().map(RaftPeer::getId).toList());
        // Nobody leads twice in one term. Else the configuration and the index may be a later leader's, or another
        // group's.
        boolean led = held.equals(division.get()) && term.equals(readyTerm(held));
        return led ? Optional.of(lead) : Optional.empty();
    }

    private static OptionalLong readyTerm(Optional<RaftServer.Division> division) {
        return division.map(RaftServer.Division::getInfo)
                .map(OwnServer::readyTerm)
                .orElse(OptionalLong.empty());
    }
}
