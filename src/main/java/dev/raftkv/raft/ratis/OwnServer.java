package dev.raftkv.raft.ratis;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.GroupManagementRequest;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.LifeCycle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's own Raft server, and the group that it holds, if it holds one. What the node asks of the server goes through
 * here: under the server's name, one client id, and a call id of its own each time, so that nothing is taken for a
 * repetition. Thread-safe.
 */
public final class OwnServer {
    private static final Logger LOG = LoggerFactory.getLogger(OwnServer.class);
    private static final Duration LEAVING = Duration.ofSeconds(5);

    private final PeerName name;
    private final ClientId clientId = ClientId.randomId();
    private final AtomicLong callIds = new AtomicLong();
    /** Ratis forgets a group before it has closed it and the node has moved its directory. */
    private final ReentrantLock change = new ReentrantLock();

    private volatile RaftServer server;
    private volatile ThreadGroup threads;
    private volatile RaftGroupId group;
    private volatile boolean closing;

    public OwnServer(PeerName name) {
        this.name = name;
    }

    public PeerName name() {
        return name;
    }

    /**
     * What is asked from now on is asked of this one; to be called before it starts.
     *
     * @param itsThreads of which this server alone has threads
     */
    public void use(RaftServer raft, ThreadGroup itsThreads) {
        threads = itsThreads;
        server = raft;
        closing = false;
    }

    /** Closes the server that is used now, with all its threads. */
    public void close() throws IOException {
        // Before its port is: who finds that closed may be elected at once.
        closing = true;
        try {
            server.close();
        } finally {
            RatisThreads.endFollowers(threads);
        }
    }

    /** Null before {@link #use}. */
    public RaftServer raft() {
        return server;
    }

    public boolean isRunning() {
        return server != null && server.getLifeCycleState() == LifeCycle.State.RUNNING;
    }

    /** The server has opened a group. */
    public void holds(RaftGroupId opened) {
        group = opened;
    }

    /** The server holds no group any more. */
    public void holdsNone() {
        group = null;
    }

    /** This node's part of the group; empty without one, and while it is opened: it has no role then, and cannot be asked. */
    public Optional<RaftServer.Division> division() {
        RaftGroupId held = group;
        try {
            return held == null
                    ? Optional.empty()
                    : Optional.of(server.getDivision(held))
                            .filter(division -> division.getInfo().getCurrentRole() != null);
        } catch (IOException e) {
            LOG.debug("no division of {} now", held, e);
            return Optional.empty();
        }
    }

    public boolean isLed() {
        return division().map(division -> division.getInfo().isLeader()).orElse(false);
    }

    /** Whether this node leads, and has applied what its predecessors have left; not once it is being closed. */
    public boolean isLedReadily() {
        return !closing
                && division()
                        .map(division -> division.getInfo().isLeaderReady())
                        .orElse(false);
    }

    /** The term in which this node leads readily; empty if it does not. */
    public OptionalLong readyTerm() {
        return division()
                .map(RaftServer.Division::getInfo)
                .map(OwnServer::readyTerm)
                .orElse(OptionalLong.empty());
    }

    /** The same of any part in a group. */
    public static OptionalLong readyTerm(DivisionInfo info) {
        long term = info.getCurrentTerm();
        // Between two answers of Ratis the node may have lost one term, and won another without being ready in it.
        return info.isLeaderReady() && info.getCurrentTerm() == term ? OptionalLong.of(term) : OptionalLong.empty();
    }

    /** Members of the group in force, learners too; 0 without one. */
    public int members() {
        return division()
                .map(division -> PeerName.currentOf(division.getRaftConf()).size())
                .orElse(0);
    }

    /** Who belongs to the group, learners too, in the old configuration or the new one while it changes; nobody without one. */
    public List<PeerName> allMembers() {
        return division().stream()
                .flatMap(division -> PeerName.allOf(division.getRaftConf()).stream())
                .map(peer -> PeerName.of(peer.getId()))
                .toList();
    }

    /**
     * Proposes an entry; appends it on this thread, which may wait for the lock of the group. Asked through the server, a thread
     * of Ratis' pool would do it while this one waits.
     */
    public CompletableFuture<RaftClientReply> submit(Message entry) throws IOException {
        RaftGroupId held = held();
        RaftClientAsynchronousProtocol division = (RaftClientAsynchronousProtocol) server.getDivision(held);
        return division.submitClientRequestAsync(RaftClientRequest.newBuilder()
                .setClientId(clientId)
                .setServerId(name.id())
                .setGroupId(held)
                .setCallId(nextCallId())
                .setMessage(entry)
                .setType(RaftClientRequest.writeRequestType())
                .build());
    }

    /** Replaces the group's configuration by another, if it is still the one that the caller has seen. */
    public CompletableFuture<RaftClientReply> reconfigure(SetConfigurationRequest.Arguments arguments)
            throws IOException {
        return server.setConfigurationAsync(
                new SetConfigurationRequest(clientId, name.id(), held(), nextCallId(), arguments));
    }

    /** Gives the leadership to another member; blocks for the given time at most. */
    public RaftClientReply transferLeadership(RaftPeerId successor, Duration timeout) throws IOException {
        return server.transferLeadership(new TransferLeadershipRequest(
                clientId, name.id(), held(), nextCallId(), successor, timeout.toMillis()));
    }

    /** Takes a snapshot of the group's state. */
    public CompletableFuture<RaftClientReply> takeSnapshot(Duration timeout) throws IOException {
        return server.snapshotManagementAsync(
                SnapshotManagementRequest.newCreate(clientId, name.id(), held(), nextCallId(), timeout.toMillis(), 1));
    }

    /** A group of which this server is the only member. */
    public RaftGroup groupOfOne(UUID id) {
        return RaftGroup.valueOf(RaftGroupId.valueOf(id), name.peer());
    }

    /**
     * Makes the server hold a new group; it must hold none. Waits for five seconds at most if it is just leaving one.
     *
     * @throws IOException also if it is leaving one still
     */
    public void add(RaftGroup added) throws IOException {
        awaitChange();
        try {
            server.groupManagement(GroupManagementRequest.newAdd(clientId, name.id(), nextCallId(), added, true));
        } finally {
            change.unlock();
        }
    }

    /** Makes the server leave its group, whose directory stays. */
    public void drop(RaftGroupId left) throws IOException {
        awaitChange();
        try {
            ThreadGroup its = server.getDivision(left).getThreadGroup();
            server.groupManagement(
                    GroupManagementRequest.newRemove(clientId, name.id(), nextCallId(), left, false, false));
            RatisThreads.endFollowers(its);
        } finally {
            change.unlock();
        }
    }

    private void awaitChange() throws IOException {
        try {
            if (!change.tryLock(LEAVING.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(name + " is still leaving a group, or entering one: try again in a few seconds");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(name + " was interrupted while it waited to change its group");
        }
    }

    private RaftGroupId held() {
        RaftGroupId held = group;
        if (held == null) {
            throw RaftErrors.notLeader();
        }
        return held;
    }

    private long nextCallId() {
        return callIds.incrementAndGet();
    }
}
