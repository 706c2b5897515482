package dev.raftkv.raft.group;

import dev.raftkv.raft.ratis.PeerName;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** What becomes of a group on this node, as its {@link KvStateMachine} tells. Called by threads of Ratis; must not wait for it. */
public interface GroupListener {
    /**
     * A group is about to be opened: one that was here at the start, this node's own, or one that a leader gives it.
     *
     * @throws IOException if this node may not take it
     */
    void opening(UUID group) throws IOException;

    void opened(KvStateMachine machine);

    /** This node has heard of a leader. */
    void leaderChanged();

    /** The group is closed and leaves this node. */
    void left(KvStateMachine machine);

    /** The data of the group cannot be used. */
    void refuses(String problem);

    /** The node cannot go on with the group. */
    void failed(String what, Throwable cause);

    /** Whether this node has seen that it is a member. */
    boolean isMember();

    /** See {@link dev.raftkv.raft.ratis.JoinedGroup#prepareJoin}. */
    CompletableFuture<Long> prepareJoin(PeerName leader);

    /** See {@link dev.raftkv.raft.ratis.JoinedGroup#checkLeave}. */
    void checkLeave(PeerName other) throws IOException;

    /** See {@link dev.raftkv.raft.ratis.JoinedGroup#httpAddress}. */
    String httpAddress() throws IOException;

    /** See {@link dev.raftkv.raft.ratis.JoinedGroup#readIndex}. */
    CompletableFuture<Long> readIndex(PeerName reader);
}
