package dev.raftkv.raft;

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
final class LowDiskHandover {
    private static final Logger LOG = LoggerFactory.getLogger(LowDiskHandover.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    private final RaftNode node;
    private final BackOff backOff = new BackOff(FIRST_PAUSE, LONGEST_PAUSE);
    private final Set<PeerName> tried = new HashSet<>();

    LowDiskHandover(RaftNode node) {
        this.node = node;
    }

    /** To be called about once a second, by one thread; blocks while it hands over. */
    void look() {
        if (node.standing().disk().isEnough()) {
            backOff.reset();
            tried.clear();
        } else if (node.isLedWithFollowers() && backOff.begins(System.nanoTime())) {
            LOG.warn("node {} gives its leadership away, because its disk is low", node.name());
            new Handover(node)
                    .attempt(node.config().timeouts().stop(), tried)
                    .ifPresentOrElse(this::handedOver, tried::clear);
        }
    }

    private void handedOver(PeerName successor) {
        tried.add(successor);
        node.events().handedOverForDisk();
    }
}
