package dev.raftkv.raft;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.kv.ClusterClock;
import dev.raftkv.kv.Expiry;
import dev.raftkv.kv.Progress;
import dev.raftkv.kv.Replicator;
import dev.raftkv.kv.SharedBarrier;
import dev.raftkv.kv.WatchHub;
import dev.raftkv.machine.CommandApplier;
import dev.raftkv.model.Birth;
import dev.raftkv.model.Birth.Stage;
import dev.raftkv.model.Change;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.EventId;
import dev.raftkv.model.Identity;
import dev.raftkv.model.KvException;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Position;
import dev.raftkv.model.StartException;
import dev.raftkv.model.Write;
import dev.raftkv.raft.disk.DataDirectory;
import dev.raftkv.raft.disk.VoteFile;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.ratis.RaftErrors;
import dev.raftkv.raft.ratis.RaftSettings;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.StoreSettings;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.GroupManagementRequest;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.LifeCycle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's Raft server. A node holds at most one group: its own, of which it is the only member, until a leader takes it
 * into another; or none, when it has been removed.
 */
public final class RaftNode implements Replicator, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RaftNode.class);
    private static final Duration READY_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SLOW_WRITE = Duration.ofSeconds(1);

    private final NodeConfig config;
    private final PeerName name;
    private final DataDirectory directory;
    private final ClientId clientId = ClientId.randomId();
    private final AtomicLong callIds = new AtomicLong();
    private final NodeThreads threads;
    private final CurrentGroup group;
    private final Standing standing;
    private final ClusterClock clock = new ClusterClock();
    private final Progress progress;
    private final WatchHub watches;
    private final Expiry expiry = new Expiry(this);
    private final LeaderLease lease;
    private final NodeEvents events;
    private final WriteMeter writeMeter;
    private final LogProgress logProgress;
    private final GroupCommit groupCommit;
    private final SharedBarrier barrier;
    private final JoinHold joinHold;
    private final NodeWatch watch;
    private final AtomicReference<CompletableFuture<Void>> leaderChange =
            new AtomicReference<>(new CompletableFuture<>());
    private RaftProperties settings;
    /** Held while Raft is opened again, or closed. */
    private final Object opening = new Object();

    public RaftNode(NodeConfig config) {
        this.config = config;
        this.name = new PeerName(config.nodeId(), config.raftAddress());
        this.directory = new DataDirectory(config.dataDirectory(), name);
        this.threads = new NodeThreads(config.nodeId());
        this.group = new CurrentGroup(name, directory);
        GroupCommit.Limits limits = new GroupCommit.Limits(
                RaftSettings.maxEntryBytes(config),
                config.limits().pendingWrites(),
                RaftSettings.maxPendingBytes(config),
                2L * CommandApplier.MAX_RESULT_BYTES,
                config.timeouts().write());
        this.progress = new Progress(threads.answers());
        this.watches =
                new WatchHub(this::store, threads.wakes(), config.limits().watches());
        this.lease = new LeaderLease(config.timeouts().election());
        this.events = new NodeEvents(name);
        this.writeMeter = new WriteMeter(name.toString(), SLOW_WRITE);
        Proposer proposer = new Proposer(this, clock, lease, new CommitSpread(threads.timer(), this::tellFollowers));
        this.logProgress = new LogProgress(
                () -> division().flatMap(division -> LogProgress.Reading.of(division, proposer)),
                config.timeouts().election().multipliedBy(2),
                System::nanoTime,
                () -> threads.once("step-aside", new StandstillHandover(this)));
        this.groupCommit = new GroupCommit(
                threads.name("commit"),
                limits,
                new ReadSize(this::store),
                proposer::propose,
                threads.answers(),
                writeMeter);
        this.barrier = new SharedBarrier(this::newBarrier);
        this.joinHold = new JoinHold(groupCommit::isIdle, threads.timer());
        this.standing = new Standing(config, name, group, joinHold, directory);
        this.watch = new NodeWatch(this, config, directory);
    }

    /**
     * Opens the data directory and starts Raft on what it holds; on an empty one the node founds a group of its own, or
     * holds none if it has somebody to ask. Blocks until Raft runs, and for a founder until it leads.
     *
     * @throws StartException with what to do, if the data or the Raft port cannot be used
     */
    public void start() throws IOException {
        // Before the directory is given a name that a start with the right port would not have.
        probePort();
        Birth birth = directory.open(!config.joinAddresses().isEmpty());
        // The first look of NodeWatch may come after the first write.
        standing.disk().free(directory.freeBytes());
        boolean founding = birth.stage() == Stage.FOUNDING;
        settings = RaftSettings.server(config, directory.storage());
        RaftServer.Builder builder = newServer();
        if (founding) {
            LOG.warn(
                    "{} holds no data: node {} starts alone, as the leader of a new cluster",
                    config.dataDirectory(),
                    name);
            RaftSettings.electAtOnce(settings);
            builder.setGroup(ownGroup(birth)).setOption(RaftStorage.StartupOption.FORMAT);
        } else {
            checkVotes();
        }
        group.in(builder.build());
        startServer();
        checkGroups();
        groupCommit.start();
        if (founding) {
            awaitLeadership();
            RaftSettings.electInTime(settings);
            directory.move(Birth::born);
        } else {
            adoptOlderData();
        }
        threads.repeatOnTimer("write-deadlines", Duration.ofMillis(50), groupCommit::expire);
        threads.repeatOnTimer("read-deadlines", Duration.ofMillis(50), progress::expire);
        threads.repeat("expiry", Duration.ofMillis(100), expiry);
        threads.repeat("progress", LogProgress.PAUSE, logProgress);
        threads.repeat("care", Duration.ofSeconds(1), watch);
        threads.factory("succession")
                .newThread(new Succession(this, threads.factory("vote")))
                .start();
        threads.repeat("membership", Duration.ofMillis(50), this::lookForMembership);
    }

    private RaftGroup ownGroup(Birth birth) {
        return RaftGroup.valueOf(RaftGroupId.valueOf(birth.group()), name.peer());
    }

    /** Raft opens it a moment later; whoever takes it in between is found out then. */
    private void probePort() throws IOException {
        InetSocketAddress address = new InetSocketAddress(
                config.raftBindHost(), config.raftAddress().port());
        if (address.isUnresolved()) {
            throw new StartException("the host " + config.raftBindHost() + " of the Raft port is not known here: set"
                    + " RAFT_HOST to a name or an address of this machine, or RAFT_BIND_HOST if the others reach it under"
                    + " another");
        }
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(address);
        } catch (BindException e) {
            throw busyPort(e, e);
        }
    }

    /**
     * The first version called a node a member as soon as a leader had given it a group, and gave one that asks to be joined
     * a group of its own. What has never held anything is entering, or asking.
     */
    private void adoptOlderData() throws IOException {
        Optional<RaftServer.Division> held = division();
        if (held.isEmpty() || directory.birth().stage() != Stage.MEMBER) {
            return;
        }
        if (held.get().getRaftConf().getCurrentPeers().isEmpty()) {
            directory.move(birth -> new Birth(Stage.ENTERING, birth.group(), Stage.ASKING));
        } else if (!config.joinAddresses().isEmpty() && directory.birth().foundedAlone() && neverChanged(held.get())) {
            leaveGroup(held.get().getMemberId().getGroupId());
            directory.move(birth -> Birth.first(true, birth.group()));
        }
    }

    private boolean neverChanged(RaftServer.Division held) {
        KvStateMachine machine = (KvStateMachine) held.getStateMachine();
        return held.getRaftConf().getCurrentPeers().stream()
                        .allMatch(peer -> peer.getId().equals(name.id()))
                && machine.store().position().revision() == 0;
    }

    /** Makes this node leave a group that it holds. */
    void leaveGroup(RaftGroupId id) throws IOException {
        server().groupManagement(GroupManagementRequest.newRemove(clientId, peerId(), nextCallId(), id, false, false));
    }

    private void lookForMembership() {
        try {
            group.isMember();
        } catch (RuntimeException e) {
            failed("the node cannot note that it is a member", e);
        }
    }

    /** Whether this node is a member, and its cluster does not know where it answers HTTP. */
    public boolean isUnannounced() {
        return standing.isServing()
                && group.machine()
                        .filter(machine ->
                                !machine.store().httpAddress(config.nodeId()).equals(Optional.of(config.httpAddress())))
                        .isPresent();
    }

    /** Who this node is, and what has become of it. */
    public Identity identity() {
        return new Identity(config.nodeId(), config.raftAddress(), directory.birth(), config.joinAddresses());
    }

    /**
     * Makes a node that asks the first member of a new cluster; blocks until it leads it.
     *
     * @throws StartException if a leader has taken the node in meanwhile
     * @throws IOException if that fails, and the node has to be started again
     */
    public void found() throws IOException {
        Birth founding = directory.move(Birth::founds);
        RaftSettings.electAtOnce(settings);
        try {
            server().groupManagement(
                            GroupManagementRequest.newAdd(clientId, peerId(), nextCallId(), ownGroup(founding), true));
            awaitLeadership();
            directory.move(Birth::born);
        } catch (IOException | RuntimeException e) {
            failed("the cluster could not be founded", e);
            throw e;
        } finally {
            RaftSettings.electInTime(settings);
        }
    }

    private RaftServer.Builder newServer() {
        return RaftServer.newBuilder()
                .setServerId(name.id())
                .setProperties(settings)
                .setStateMachineRegistry(group -> new KvStateMachine(
                        this, new StoreSettings(config.storage().cacheBytes())))
                .setOption(RaftStorage.StartupOption.RECOVER);
    }

    private void checkVotes() throws IOException {
        for (UUID held : directory.groups()) {
            new VoteFile(directory.storage().resolve(held.toString()), RaftSettings.maxAppendBytes(config)).check();
        }
    }

    /**
     * Closes Raft and the store and opens them again on what is there, as a restart of the process does: Ratis never writes
     * again to a log that it could not write once.
     */
    void reopen() throws IOException {
        synchronized (opening) {
            // What is being founded begins anew when the process is started again.
            if (isStopping() || directory.birth().stage() == Stage.FOUNDING) {
                return;
            }
            server().close();
            group.left();
            standing.reopens();
            checkVotes();
            group.in(newServer().build());
            startServer();
            checkGroups();
        }
    }

    private void startServer() throws IOException {
        try {
            server().start();
        } catch (IOException | RuntimeException e) {
            standing.failure().ifPresent(failure -> {
                throw new StartException(failure, e);
            });
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof BindException busy) {
                    throw busyPort(busy, e);
                }
            }
            throw e;
        }
    }

    private StartException busyPort(BindException busy, Exception cause) {
        return new StartException(
                "the Raft port " + config.raftBindHost() + ":"
                        + config.raftAddress().port() + " cannot be opened (" + busy.getMessage()
                        + "): stop what uses it, or set RAFT_PORT and RAFT_BIND_HOST",
                cause);
    }

    /** Ratis only logs a group that it cannot load, and goes on without it. */
    private void checkGroups() {
        if (group.machine().isEmpty() && !directory.groups().isEmpty()) {
            throw new StartException("the data in " + directory.storage() + " cannot be loaded"
                    + standing.failure().map(failure -> ": " + failure).orElse("; the log above says why"));
        }
    }

    private void awaitLeadership() throws IOException {
        long deadline = System.nanoTime() + READY_TIMEOUT.toNanos();
        while (!group.isLedReadily()) {
            if (System.nanoTime() > deadline) {
                throw new IOException("this node did not become the leader of its own cluster within " + READY_TIMEOUT);
            }
            pause(10);
        }
    }

    static void pause(long millis) throws IOException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public CompletableFuture<Outcome> write(Write write) {
        Optional<KvException> refusal = standing.writeRefusal(write.command());
        return refusal.isPresent()
                ? CompletableFuture.failedFuture(refusal.get())
                : groupCommit.write(write, standing::holdRefusal);
    }

    @Override
    public CompletableFuture<Long> barrier() {
        Optional<KvException> refusal = standing.barrierRefusal();
        return refusal.isPresent() ? CompletableFuture.failedFuture(refusal.get()) : barrier.index();
    }

    /**
     * All that was acknowledged before is applied here already, if this node leads from now until the barrier is passed, in
     * one term. Then readers elsewhere need not wait for the barrier's own index, whose commit followers hear of late.
     */
    private CompletableFuture<Long> newBarrier() {
        OptionalLong term = group.readyTerm();
        long applied = store().position().index();
        return groupCommit.write(Write.of(new Command.Barrier())).handle((outcome, failed) -> {
            if (failed != null) {
                throw RaftErrors.barrier(failed);
            }
            boolean led = term.isPresent() && term.equals(group.readyTerm());
            return led ? applied : ((Outcome.Passed) outcome).index();
        });
    }

    @Override
    public CompletableFuture<Void> leaderChange() {
        return leaderChange.get();
    }

    private void tellFollowers() {
        if (group.size() > 1 && !isStopping()) {
            barrier();
        }
    }

    @Override
    public boolean holdsLease() {
        return lease.isValid() && group.isLedReadily();
    }

    @Override
    public KvStore store() {
        // Each request comes here.
        if (!standing.isServing()) {
            standing.idleReason().ifPresent(reason -> {
                throw new KvException(Code.UNAVAILABLE, reason);
            });
        }
        return group.machine()
                .orElseThrow(() -> new KvException(Code.UNAVAILABLE, "this node is starting: try again"))
                .store();
    }

    @Override
    public NodeStatus status() {
        return new StatusReader(this).read();
    }

    @Override
    public Progress progress() {
        return progress;
    }

    @Override
    public ClusterClock clock() {
        return clock;
    }

    @Override
    public WatchHub watches() {
        return watches;
    }

    // --- what the state machine of a group reports ---

    /**
     * A group is about to be opened: one that was here at the start, this node's own, or one that a leader gives it.
     *
     * @throws IOException if this node may not take it
     */
    void opening(UUID id) throws IOException {
        if (server() == null || server().getLifeCycleState() != LifeCycle.State.RUNNING) {
            return;
        }
        if (group.machine().isPresent()) {
            throw new IOException("this node holds a group already");
        }
        try {
            Birth own = directory.birth();
            if (own.stage() != Stage.FOUNDING || !own.group().equals(id)) {
                // On disk before the leader can send anything.
                directory.move(birth -> birth.enters(id));
            }
        } catch (IllegalStateException e) {
            throw new IOException("this node cannot be taken into a group now", e);
        }
    }

    void opened(KvStateMachine machine) {
        Position position = machine.store().position();
        clock.reset(position.time());
        progress.reached(position.index(), position.revision());
        watches.opened(
                position.revision(), EventId.clusterOf(machine.getGroupId().getUuid()));
        group.opened(machine);
    }

    /** The store holds a snapshot of the leader now. */
    void restored(Position position) {
        clock.applied(position.time());
        progress.reached(position.index(), position.revision());
        watches.restored(position.revision());
    }

    /** The store was changed, for all readers to see; watchers read from it what was too much to be told. */
    void committed(Optional<List<Change>> changes, long revision) {
        changes.ifPresentOrElse(told -> watches.publish(told, revision), () -> watches.restored(revision));
    }

    /** An entry was applied, which may have changed nothing. */
    void applied(long index, long revision) {
        progress.reached(index, revision);
    }

    /** This node has heard of a leader. */
    void leaderChanged() {
        CompletableFuture<Void> heard = leaderChange.getAndSet(new CompletableFuture<>());
        if (!isStopping()) {
            heard.completeAsync(() -> null, threads.answers());
        }
    }

    /** The group is closed and leaves this node. */
    void left(KvStateMachine machine) {
        watches.end("this node was removed from its cluster: go on at another node");
        boolean joining = joinHold.isHeld();
        joinHold.release();
        group.left();
        directory.left(machine.getGroupId().getUuid(), joining);
        LOG.warn("node {} has left group {}; its data is kept in the archive directory", name, machine.getGroupId());
    }

    /** The data of the group cannot be used. */
    void refuses(String problem) {
        standing.refuse(problem);
    }

    void failed(String what, Throwable cause) {
        if (standing.fail(what, cause)) {
            watches.end("this node has stopped serving: go on at another node");
            // A leader that cannot write its log would go on sending heartbeats, and nobody could take over.
            threads.once("close", () -> division().ifPresent(RaftServer.Division::close));
        }
    }

    /** See {@link JoinCall}. Whoever is told this may count on the node: that it is a member is on its disk. */
    CompletableFuture<Message> tellHttpAddress() {
        return group.isMember()
                ? CompletableFuture.completedFuture(JoinCall.there(config.httpAddress()))
                : CompletableFuture.failedFuture(new IOException("it has not seen yet that it is a member"));
    }

    /** See {@link JoinCall}. */
    CompletableFuture<Message> prepareJoin(Message call) {
        if (group.size() != 1) {
            return CompletableFuture.failedFuture(new IOException("it is no longer alone"));
        }
        return joinHold.prepare(call, () -> store().position().keys());
    }

    // --- for the other classes of this package ---

    NodeConfig config() {
        return config;
    }

    LeaderLease lease() {
        return lease;
    }

    PeerName name() {
        return name;
    }

    RaftPeerId peerId() {
        return name.id();
    }

    /** Null until the node starts. */
    RaftServer server() {
        return group.server();
    }

    ClientId clientId() {
        return clientId;
    }

    long nextCallId() {
        return callIds.incrementAndGet();
    }

    DataDirectory directory() {
        return directory;
    }

    GroupCommit groupCommit() {
        return groupCommit;
    }

    WriteMeter writeMeter() {
        return writeMeter;
    }

    JoinHold joinHold() {
        return joinHold;
    }

    LogProgress logProgress() {
        return logProgress;
    }

    NodeEvents events() {
        return events;
    }

    Standing standing() {
        return standing;
    }

    boolean isLedWithFollowers() {
        return group.isLed() && group.size() > 1;
    }

    boolean isStopping() {
        return standing.isStopping();
    }

    Optional<KvStateMachine> stateMachineIfAny() {
        return group.machine();
    }

    /** See {@link CurrentGroup#readyTerm}. */
    OptionalLong readyTerm() {
        return group.readyTerm();
    }

    /** This node's part of its group; empty while it has none. */
    Optional<RaftServer.Division> division() {
        return group.division();
    }

    NodeThreads threads() {
        return threads;
    }

    private void closeServer() throws IOException {
        if (server() != null) {
            try {
                markSynced();
            } finally {
                server().close();
            }
        }
    }

    private void markSynced() throws IOException {
        Optional<RaftServer.Division> alive =
                division().filter(division -> division.getInfo().isAlive());
        if (alive.isPresent() && group.machine().isPresent()) {
            group.machine().get().markSynced(alive.get().getRaftLog());
        }
    }

    private void awaitWrites() {
        long deadline = System.nanoTime() + config.timeouts().stop().toNanos();
        while (!groupCommit.isIdle() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(5_000_000);
        }
    }

    /**
     * Takes no more writes and ends those under way, hands leadership over if there is somebody to take it, and ends the
     * watches. Then the node still follows, answers reads and says who leads. Each step ends within the configured stop
     * timeout; a second call does nothing.
     */
    public synchronized void retire() {
        if (standing.isStopping()) {
            return;
        }
        standing.stop();
        groupCommit.close();
        if (server() != null) {
            awaitWrites();
            new Handover(this).attempt(config.timeouts().stop());
        }
        watches.close();
    }

    /** Retires if need be, and closes Raft, the store and the data directory. Each step ends within the configured stop timeout. */
    @Override
    public void close() {
        retire();
        // What is due is due no more, and would find the store closed.
        threads.stopTasks();
        try {
            synchronized (opening) {
                closeServer();
            }
        } catch (IOException e) {
            LOG.warn("node {}: Raft did not close in order", name, e);
        } finally {
            groupCommit.abandon();
            threads.close();
            directory.close();
        }
    }
}
