package dev.raftkv.raft;

import dev.raftkv.model.Address;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.ratis.RaftErrors;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes who belongs to the cluster, one member at a time (Raft dissertation, chapter 4). All methods return at once; the
 * changes are made one after the other on a thread of their own.
 */
public final class Membership implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Membership.class);
    private static final int WAITING_CHANGES = 8;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    /**
     * A node that is a member now, and has caught up.
     *
     * @param nodeId the member's own id, which may differ from the one asked for
     * @param warning what the caller should know, for example that the id differs
     */
    public record Joined(String nodeId, Address raftAddress, Optional<String> warning) {}

    /** How a removal ended. */
    public sealed interface Removal {
        /** The node is no member any more. */
        record Done() implements Removal {}

        /** This node was to remove itself and has handed its leadership over: the new leader has to be asked. */
        record HandedOver(String leaderHttpAddress) implements Removal {}
    }

    private final RaftNode node;
    private final Duration timeout;
    private final ThreadPoolExecutor changes;

    public Membership(RaftNode node) {
        this.node = node;
        this.timeout = node.config().timeouts().join();
        this.changes = new ThreadPoolExecutor(
                1,
                1,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(WAITING_CHANGES),
                node.threads().factory("members"));
        this.changes.allowCoreThreadTimeOut(true);
    }

    /**
     * Takes the node at an address into this node's cluster. Asking again for a member changes nothing.
     *
     * @param nodeId what the caller calls the node; the node's own id counts
     * @param discardData whether a node that holds keys may be taken, its data then being kept aside
     * @return ends with a {@link KvException}: {@code NOT_LEADER}; {@code INVALID} if nobody answers at the address or it
     *     cannot be reached by all; {@code CONFLICT} if it is this node, uses the id or address of another member, holds keys,
     *     or belongs to another cluster; {@code UNAVAILABLE} if nothing was changed; {@code OUTCOME_UNKNOWN}
     */
    public CompletableFuture<Joined> join(String nodeId, Address raftAddress, boolean discardData) {
        return change(() -> new Join(this, node, nodeId, raftAddress, discardData).run());
    }

    /**
     * Removes a member, alive or dead. A leader that is to remove itself hands over first.
     *
     * @return ends with a {@link KvException}: {@code NOT_LEADER}, {@code NOT_FOUND}, {@code CONFLICT} for the last member,
     *     {@code UNAVAILABLE} or {@code OUTCOME_UNKNOWN}
     */
    public CompletableFuture<Removal> remove(String nodeId) {
        return change(() -> removeNow(nodeId));
    }

    private <T> CompletableFuture<T> change(Callable<T> change) {
        CompletableFuture<T> result = new CompletableFuture<>();
        long asked = System.nanoTime();
        try {
            changes.execute(() -> {
                try {
                    if (System.nanoTime() - asked > LONGEST_WAIT.toNanos()) {
                        throw busy();
                    }
                    result.complete(change.call());
                } catch (Throwable e) {
                    // The top of the thread: whatever it is, the caller must not wait for ever.
                    result.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(busy());
        }
        return result;
    }

    private static KvException busy() {
        return RaftErrors.unavailable("other changes of the members are under way", null);
    }

    private Removal removeNow(String nodeId) throws IOException {
        RaftServer.Division division = leading();
        List<RaftPeer> peers = peers(division);
        RaftPeer leaving = peers.stream()
                .filter(peer -> PeerName.of(peer.getId()).nodeId().equals(nodeId))
                .findFirst()
                .orElseThrow(() -> new KvException(
                        Code.NOT_FOUND, "no member is called " + nodeId + "; the members are " + names(peers)));
        if (peers.size() == 1) {
            throw new KvException(
                    Code.CONFLICT, nodeId + " is the only member of its cluster: stop it if it is not needed any more");
        }
        if (leaving.getId().equals(node.peerId())) {
            return handOver();
        }
        List<RaftPeer> rest =
                peers.stream().filter(peer -> !peer.equals(leaving)).toList();
        configure(division, peers, rest, "the cluster without " + nodeId);
        tellRemoved(PeerName.of(leaving.getId()), division.getMemberId().getGroupId());
        return new Removal.Done();
    }

    private Removal handOver() {
        Duration patience = node.config().timeouts().stop();
        PeerName leader = new Handover(node)
                .attempt(patience)
                .orElseThrow(() -> RaftErrors.unavailable("no other member can take over the leadership", null));
        return node.stateMachineIfAny()
                .flatMap(machine -> machine.store().httpAddress(leader.nodeId()))
                .map(Removal.HandedOver::new)
                .orElseThrow(() -> RaftErrors.unavailable(
                        leader.nodeId() + " leads now, but has not told its HTTP address yet", null));
    }

    /** Without this the removed node finds out by itself, after its next election. */
    private void tellRemoved(PeerName removed, RaftGroupId group) {
        try (PeerClient client = PeerClient.connect(removed.address())) {
            client.leave(group);
        } catch (IOException e) {
            LOG.info("{} was removed and could not be told: {}", removed, e.toString());
        }
    }

    /** This node's division, if it leads and can take changes. A new leader gets a moment to become ready. */
    RaftServer.Division leading() throws IOException {
        long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (true) {
            node.standing().idleReason().ifPresent(reason -> {
                throw new KvException(Code.UNAVAILABLE, reason);
            });
            RaftServer.Division division = node.division().orElseThrow(RaftErrors::notLeader);
            if (!division.getInfo().isLeader()) {
                throw RaftErrors.notLeader();
            }
            if (division.getInfo().isLeaderReady()) {
                return division;
            }
            if (System.nanoTime() > deadline) {
                throw RaftErrors.unavailable("this node has just become the leader and is not ready yet", null);
            }
            RaftNode.pause(10);
        }
    }

    static List<RaftPeer> peers(RaftServer.Division division) {
        return new ArrayList<>(division.getRaftConf().getCurrentPeers(RaftPeerRole.FOLLOWER));
    }

    static String names(Collection<RaftPeer> peers) {
        return String.join(
                ", ",
                peers.stream()
                        .map(peer -> PeerName.of(peer.getId()).nodeId())
                        .sorted()
                        .toList());
    }

    /** Replaces the configuration if it is still the one that the caller has seen. */
    void configure(RaftServer.Division division, List<RaftPeer> current, List<RaftPeer> next, String what)
            throws IOException {
        SetConfigurationRequest.Arguments arguments = SetConfigurationRequest.Arguments.newBuilder()
                .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
                .setServersInCurrentConf(current)
                .setServersInNewConf(next)
                .build();
        SetConfigurationRequest request = new SetConfigurationRequest(
                node.clientId(), node.peerId(), division.getMemberId().getGroupId(), node.nextCallId(), arguments);
        try {
            RaftClientReply reply =
                    node.server().setConfigurationAsync(request).get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (!reply.isSuccess()) {
                throw RaftErrors.reconfiguration(reply.getException(), what);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw RaftErrors.reconfiguration(e, what);
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            throw RaftErrors.reconfiguration(e, what);
        }
    }

    @Override
    public void close() {
        changes.shutdown();
    }
}
