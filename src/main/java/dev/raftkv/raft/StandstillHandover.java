package dev.raftkv.raft;

import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives the leadership away, once, because work on this node's log stands still. */
final class StandstillHandover implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(StandstillHandover.class);

    private final RaftNode node;

    StandstillHandover(RaftNode node) {
        this.node = node;
    }

    /** Blocks for the stop timeout at most. */
    @Override
    public void run() {
        Optional<String> problem = node.logProgress().problem();
        if (problem.isEmpty() || node.isStopping()) {
            return;
        }
        LOG.error("node {} steps aside as the leader: {}", node.name(), problem.get());
        if (new Handover(node).attempt(node.config().timeouts().stop()).isPresent()) {
            node.events().steppedAside();
        } else {
            LOG.error("node {} leads on: nobody else could take over", node.name());
        }
    }
}
