package dev.raftkv.raft.care;

import dev.raftkv.raft.group.NodeEvents;
import dev.raftkv.raft.group.Standing;
import dev.raftkv.raft.members.Handover;
import dev.raftkv.raft.ratis.PeerName;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives the leadership away, once, because work on this node's log stands still. */
public final class StandstillHandover {
    private static final Logger LOG = LoggerFactory.getLogger(StandstillHandover.class);

    private final PeerName name;
    private final Standing standing;
    private final NodeEvents events;
    private final Handover handover;
    private final Duration timeout;

    /** @param timeout how long a try may take */
    public StandstillHandover(
            PeerName name, Standing standing, NodeEvents events, Handover handover, Duration timeout) {
        this.name = name;
        this.standing = standing;
        this.events = events;
        this.handover = handover;
        this.timeout = timeout;
    }

    /**
     * Blocks while it hands over.
     *
     * @param problem what stands still; empty if it goes on by now
     */
    public void attempt(Optional<String> problem) {
        if (problem.isEmpty() || standing.isStopping()) {
            return;
        }
        LOG.error("node {} steps aside as the leader: {}", name, problem.get());
        if (handover.attempt(timeout).isPresent()) {
            events.steppedAside();
        } else {
            LOG.error("node {} leads on: nobody else could take over", name);
        }
    }
}
