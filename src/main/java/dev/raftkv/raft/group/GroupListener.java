package dev.raftkv.raft.group;

import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.protocol.Message;

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

    /** A leader calls; see {@link JoinCall}. */
    CompletableFuture<Message> called(Message call);
}
