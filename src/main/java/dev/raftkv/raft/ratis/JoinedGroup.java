package dev.raftkv.raft.ratis;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * What a state machine says to other members: to the leader of a cluster that takes this node in, or has put it out, and to
 * those that read and follow it.
 */
public interface JoinedGroup {
    /** Whether this node has seen that it is a member of the group. */
    boolean isMember();

    /**
     * Takes no more writes for a while.
     *
     * @return how many keys this node holds, once the writes under way have ended; fails if it cannot be taken in
     */
    CompletableFuture<Long> prepareJoin(PeerName leader);

    /** @throws IOException if another node may not make this one leave its group now */
    void checkLeave(PeerName other) throws IOException;

    /**
     * Where this node answers HTTP. Whoever is told may count on it: that it is a member is on its disk.
     *
     * @throws IOException if it is not
     */
    String httpAddress() throws IOException;

    /**
     * Up to where a member must have applied the log to see all that was acknowledged before this call; fails if this node
     * does not lead. Never blocks.
     */
    CompletableFuture<Long> readIndex(PeerName reader);
}
