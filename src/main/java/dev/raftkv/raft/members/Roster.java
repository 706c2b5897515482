package dev.raftkv.raft.members;

import dev.raftkv.raft.ratis.PeerName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.server.RaftServer;

/**
 * Who belongs to a group. Immutable.
 *
 * @param voters they elect the leader, and a majority of them commits
 * @param learners they get all that the others get, and have no say
 */
record Roster(List<RaftPeer> voters, List<RaftPeer> learners) {
    Roster {
        voters = List.copyOf(voters);
        learners = List.copyOf(learners);
    }

    static Roster of(RaftServer.Division division) {
        return new Roster(
                List.copyOf(division.getRaftConf().getCurrentPeers(RaftPeerRole.FOLLOWER)),
                List.copyOf(division.getRaftConf().getCurrentPeers(RaftPeerRole.LISTENER)));
    }

    List<RaftPeer> all() {
        return Stream.concat(voters.stream(), learners.stream()).toList();
    }

    Optional<RaftPeer> member(String nodeId) {
        return all().stream()
                .filter(peer -> PeerName.of(peer.getId()).nodeId().equals(nodeId))
                .findFirst();
    }

    boolean isVoter(RaftPeer peer) {
        return contains(voters, peer);
    }

    boolean isLearner(RaftPeer peer) {
        return contains(learners, peer);
    }

    /** With one more voter, which may be a learner by now. */
    Roster withVoter(RaftPeer peer) {
        Roster others = without(peer);
        return new Roster(plus(others.voters, peer), others.learners);
    }

    Roster withLearner(RaftPeer peer) {
        return new Roster(voters, plus(learners, peer));
    }

    Roster without(RaftPeer peer) {
        return new Roster(minus(voters, peer), minus(learners, peer));
    }

    /** How many voters it takes. */
    int majority() {
        return voters.size() / 2 + 1;
    }

    /** The change from these members to others. */
    SetConfigurationRequest.Arguments to(Roster next) {
        return SetConfigurationRequest.Arguments.newBuilder()
                .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
                .setServersInCurrentConf(voters)
                .setListenersInCurrentConf(learners)
                .setServersInNewConf(next.voters)
                .setListenersInNewConf(next.learners)
                .build();
    }

    /** The ids of all, for people. */
    String names() {
        return String.join(
                ", ",
                all().stream()
                        .map(peer -> PeerName.of(peer.getId()).nodeId())
                        .sorted()
                        .toList());
    }

    private static boolean contains(List<RaftPeer> peers, RaftPeer peer) {
        return peers.stream().anyMatch(each -> each.getId().equals(peer.getId()));
    }

    private static List<RaftPeer> plus(List<RaftPeer> peers, RaftPeer peer) {
        List<RaftPeer> more = new ArrayList<>(peers);
        more.add(peer);
        return more;
    }

    private static List<RaftPeer> minus(List<RaftPeer> peers, RaftPeer peer) {
        return peers.stream().filter(each -> !each.getId().equals(peer.getId())).toList();
    }
}
