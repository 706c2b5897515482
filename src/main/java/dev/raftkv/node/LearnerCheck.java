package dev.raftkv.node;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Member;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Role;
import dev.raftkv.peer.Peer;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether a learner that hears of no leader was removed while it was away. A voter is told when it stands for election;
 * a learner never does, and would wait for ever. It asks the leader itself, of its own term or a later one: that one has all that
 * was committed before, the entry by which this node came in too.
 */
final class LearnerCheck implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LearnerCheck.class);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final NodeConfig config;
    private final JoinClient client;
    private final Supplier<NodeStatus> status;
    private final Leaving leaving;
    private final Rounds rounds;

    /** Makes this node leave its group. */
    interface Leaving {
        void leave() throws IOException;
    }

    LearnerCheck(NodeConfig config, JoinClient client, Supplier<NodeStatus> status, Leaving leaving) {
        this.config = config;
        this.client = client;
        this.status = status;
        this.leaving = leaving;
        this.rounds = new Rounds("raftkv-" + config.nodeId() + "-learner", PAUSE, this::look);
    }

    void start() {
        rounds.start();
    }

    /** Whether there is nothing to find out. */
    private boolean look() {
        NodeStatus now = status.get();
        if (now.role() != Role.LEARNER || now.lastContactMillis().orElse(Long.MAX_VALUE) < PAUSE.toMillis()) {
            return true;
        }
        for (Member member : now.members()) {
            boolean removed = !member.nodeId().equals(config.nodeId())
                    && member.httpAddress()
                            .map(address -> new Peer(address, member.nodeId()))
                            .filter(peer ->
                                    client.isLeader(peer, now.identity().birth().group(), now.term()))
                            .filter(client::disowns)
                            .isPresent();
            if (removed) {
                leave(member);
                return true;
            }
        }
        return false;
    }

    private void leave(Member leader) {
        LOG.warn("node {} was removed from its cluster while it was away, says {}", config.nodeId(), leader.nodeId());
        try {
            leaving.leave();
        } catch (IOException e) {
            LOG.warn("node {} could not leave its cluster, and tries again", config.nodeId(), e);
        }
    }

    @Override
    public void close() {
        rounds.close();
    }
}
