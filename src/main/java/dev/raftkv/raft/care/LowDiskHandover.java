package dev.raftkv.raft.care;

import dev.raftkv.raft.group.NodeEvents;
import dev.raftkv.raft.group.Standing;
import dev.raftkv.raft.log.BackOff;
import dev.raftkv.raft.members.Handover;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the leadership away while the disk has less space than its limit. A node does not know how much room the others
 * have. So it tries one after the other, and each time waits for longer before it does so again: where all are full, the
 * leadership goes round a few times and then rests.
 */
public final class LowDiskHandover {
    private static final Logger LOG = LoggerFactory.getLogger(LowDiskHandover.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    private final OwnServer server;
    private final Standing standing;
    private final NodeEvents events;
    private final Handover handover;
    private final Duration timeout;
    private final BackOff backOff = new BackOff(FIRST_PAUSE, LONGEST_PAUSE);
    private final Set<PeerName> tried = new HashSet<>();

    /** @param timeout how long one try may take */
    public LowDiskHandover(
            OwnServer server, Standing standing, NodeEvents events, Handover handover, Duration timeout) {
        this.server = server;
        this.standing = standing;
        this.events = events;
        this.handover = handover;
        this.timeout = timeout;
    }

    /** Blocks while it hands over. */
    void look() {
        if (standing.disk().isEnough()) {
            backOff.reset();
            tried.clear();
        } else if (server.isLed() && server.members() > 1 && backOff.begins(System.nanoTime())) {
            LOG.warn("node {} gives its leadership away, because its disk is low", server.name());
            handover.attempt(timeout, tried).ifPresentOrElse(this::handedOver, tried::clear);
        }
    }

    private void handedOver(PeerName successor) {
        tried.add(successor);
        events.handedOverForDisk();
    }
}
