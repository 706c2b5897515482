package dev.raftkv.raft.group;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.model.Address;
import dev.raftkv.raft.look.Events;
import dev.raftkv.raft.look.Pulse;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.testkit.LogLines;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NodeEventsTest {
    private static final PeerName A = new PeerName("a", new Address("127.0.0.1", 1111));
    private static final PeerName B = new PeerName("b", new Address("127.0.0.1", 1112));

    private final Events happenings = new Events(Clock.systemUTC(), Runnable::run);
    private final NodeEvents events =
            new NodeEvents(A, happenings, new Pulse(new OwnServer(A), happenings, System::nanoTime));
    private final LogLines log = LogLines.of(NodeEvents.class);

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void everyChangeOfTheLeaderIsALineAndACount() {
        events.leaderChanged(A.id(), 1);
        events.leadsNoMore();
        events.leaderChanged(B.id(), 2);

        assertEquals(
                List.of(
                        "INFO node a@127.0.0.1:1111 leads the cluster in term 1",
                        "INFO node a@127.0.0.1:1111 leads no more",
                        "INFO node a@127.0.0.1:1111 follows b@127.0.0.1:1112 in term 2"),
                log.all());
        assertEquals(2, events.leaderChanges());
    }

    @Test
    void aChangeOfTheMembersIsOneLineThoughRaftHasTwoEntriesForIt() {
        events.configured(0, configuration(A).build());
        events.configured(
                3, configuration(A, B).addOldPeers(A.peer().getRaftPeerProto()).build());
        events.configured(4, configuration(A, B).build());
        events.configured(4, configuration(A, B).build());

        assertEquals(
                List.of(
                        "INFO node a@127.0.0.1:1111: the members are a@127.0.0.1:1111, since index 0",
                        "INFO node a@127.0.0.1:1111: the members are a@127.0.0.1:1111, b@127.0.0.1:1112, since index 4"),
                log.all());
    }

    @Test
    void learnersAreToldApart() {
        events.configured(
                7, configuration(A).addListeners(B.peer().getRaftPeerProto()).build());

        assertEquals(
                List.of("INFO node a@127.0.0.1:1111: the members are a@127.0.0.1:1111, learners b@127.0.0.1:1112,"
                        + " since index 7"),
                log.all());
    }

    @Test
    void snapshotsAreALineAndACountEach() {
        events.snapshotTaken(20, 7_500_000);
        events.snapshotInstalled(30);

        assertEquals(
                List.of(
                        "INFO node a@127.0.0.1:1111 has taken a snapshot at index 20 in 7 ms",
                        "INFO node a@127.0.0.1:1111 has installed a snapshot of the leader, of index 30"),
                log.all());
        assertEquals(1, events.snapshotsTaken());
        assertEquals(1, events.snapshotsInstalled());
    }

    private static RaftConfigurationProto.Builder configuration(PeerName... peers) {
        return RaftConfigurationProto.newBuilder()
                .addAllPeers(Arrays.stream(peers)
                        .map(peer -> peer.peer().getRaftPeerProto())
                        .toList());
    }
}
