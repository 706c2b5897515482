package dev.raftkv.raft.care;

import dev.raftkv.raft.group.GroupListener;
import dev.raftkv.raft.group.KvStateMachine;
import dev.raftkv.raft.group.Standing;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import java.io.IOException;
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out why a group has closed by itself: the node was removed, of which no event of Ratis tells reliably, or it failed. */
public final class RemovalCare {
    private static final Logger LOG = LoggerFactory.getLogger(RemovalCare.class);
    /** Ratis tells that the peers have shut this node down when it has closed, some time after it begins to close. */
    private static final int CLOSED_LOOKS = 5;

    private final OwnServer server;
    private final Standing standing;
    private final GroupListener node;
    private int closedForLooks;

    public RemovalCare(OwnServer server, Standing standing, GroupListener node) {
        this.server = server;
        this.standing = standing;
        this.node = node;
    }

    void alive() {
        closedForLooks = 0;
    }

    void closed(RaftServer.Division division, KvStateMachine machine) throws IOException {
        boolean member = PeerName.currentOf(division.getRaftConf()).contains(server.name());
        if (member && !machine.shutDownByPeers()) {
            closedForLooks++;
            if (closedForLooks >= CLOSED_LOOKS) {
                // Of a full disk Ratis tells only when it writes its log; it closes too when it cannot write a vote.
                node.failed(
                        "Raft has stopped by itself",
                        new IOException(
                                standing.disk().isEnough() ? "the log above says why" : "No space left on device"));
            }
            return;
        }
        LOG.warn("node {} was removed from its cluster", server.name());
        server.drop(division.getMemberId().getGroupId());
    }
}
