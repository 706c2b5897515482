package dev.raftkv.raft.group;

import dev.raftkv.raft.look.Events;
import dev.raftkv.raft.look.Happening;
import dev.raftkv.raft.look.LogView;
import dev.raftkv.raft.look.Pulse;
import dev.raftkv.raft.ratis.PeerName;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What happens to a node: a line in the log, a count, and an event each. */
public final class NodeEvents {
    private static final Logger LOG = LoggerFactory.getLogger(NodeEvents.class);

    /** An election takes less, unless nobody can win it. */
    private static final Duration WITHOUT_LEADER = Duration.ofSeconds(5);

    private final PeerName name;
    private final Events events;
    private final Pulse pulse;
    private final LongAdder leaderChanges = new LongAdder();
    private final LongAdder stepAsides = new LongAdder();
    private final LongAdder diskHandovers = new LongAdder();
    private final LongAdder snapshotsTaken = new LongAdder();
    private final LongAdder snapshotsInstalled = new LongAdder();
    private String members = "";
    private long leaderSeenAt = System.nanoTime();
    private boolean leaderMissed;

    /**
     * @param events which others are shown
     * @param pulse has a look when the leader is another
     */
    public NodeEvents(PeerName name, Events events, Pulse pulse) {
        this.name = name;
        this.events = events;
        this.pulse = pulse;
    }

    /** A leader is known, a new one or the former one again. */
    void leaderChanged(RaftPeerId leader, long term) {
        leaderChanges.increment();
        pulse.run();
        if (leader.equals(name.id())) {
            LOG.info("node {} leads the cluster in term {}", name, term);
        } else {
            LOG.info("node {} follows {} in term {}", name, leader, term);
        }
    }

    void leadsNoMore() {
        pulse.run();
        LOG.info("node {} leads no more", name);
    }

    /** To be told about once a second. */
    public synchronized void leaderKnown(boolean known) {
        long now = System.nanoTime();
        if (known) {
            leaderSeenAt = now;
            leaderMissed = false;
        } else if (!leaderMissed && now - leaderSeenAt > WITHOUT_LEADER.toNanos()) {
            leaderMissed = true;
            LOG.warn(
                    "node {} knows no leader for {} seconds: is a majority of {} running and reachable?",
                    name,
                    WITHOUT_LEADER.toSeconds(),
                    members.isEmpty() ? "the members" : members);
        }
    }

    /** An entry with the configuration in force was applied; a change of the members has two. */
    synchronized void configured(long index, RaftConfigurationProto configuration) {
        if (configuration.getOldPeersCount() + configuration.getOldListenersCount() > 0) {
            return;
        }
        String learners = names(configuration.getListenersList());
        String now = names(configuration.getPeersList()) + (learners.isEmpty() ? "" : ", learners " + learners);
        if (!now.equals(members)) {
            members = now;
            LOG.info("node {}: the members are {}, since index {}", name, now, index);
            events.happened(new Happening.NewMembers(
                    index, LogView.members(configuration.getPeersList(), configuration.getListenersList())));
        }
    }

    private static String names(List<RaftPeerProto> peers) {
        return String.join(
                ", ",
                peers.stream()
                        .map(peer -> RaftPeerId.valueOf(peer.getId()).toString())
                        .sorted()
                        .toList());
    }

    /** This node has handed its leadership over, because work on its log stood still. */
    public void steppedAside() {
        stepAsides.increment();
    }

    /** This node has handed its leadership over, because its disk was low. */
    public void handedOverForDisk() {
        diskHandovers.increment();
    }

    void snapshotTaken(long index, long nanos) {
        snapshotsTaken.increment();
        events.happened(new Happening.NewSnapshot(false, index));
        LOG.info("node {} has taken a snapshot at index {} in {} ms", name, index, nanos / 1_000_000);
    }

    void snapshotInstalled(long index) {
        snapshotsInstalled.increment();
        events.happened(new Happening.NewSnapshot(true, index));
        LOG.info("node {} has installed a snapshot of the leader, of index {}", name, index);
    }

    public long leaderChanges() {
        return leaderChanges.sum();
    }

    public long stepAsides() {
        return stepAsides.sum();
    }

    public long diskHandovers() {
        return diskHandovers.sum();
    }

    public long snapshotsTaken() {
        return snapshotsTaken.sum();
    }

    public long snapshotsInstalled() {
        return snapshotsInstalled.sum();
    }
}
