package dev.raftkv.raft;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.kv.Applied;
import dev.raftkv.kv.Expiry;
import dev.raftkv.kv.Replicator;
import dev.raftkv.kv.RestoreCare;
import dev.raftkv.kv.SessionCare;
import dev.raftkv.kv.Unsent;
import dev.raftkv.machine.CommandApplier;
import dev.raftkv.model.Birth;
import dev.raftkv.model.Birth.Stage;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.StartException;
import dev.raftkv.raft.NodeThreads.Purpose;
import dev.raftkv.raft.care.AnnouncementCare;
import dev.raftkv.raft.care.Care;
import dev.raftkv.raft.care.DiskCare;
import dev.raftkv.raft.care.LowDiskHandover;
import dev.raftkv.raft.care.RemovalCare;
import dev.raftkv.raft.care.SnapshotCare;
import dev.raftkv.raft.care.StandstillHandover;
import dev.raftkv.raft.disk.DataDirectory;
import dev.raftkv.raft.disk.ToldLevels;
import dev.raftkv.raft.group.CurrentGroup;
import dev.raftkv.raft.group.GroupLife;
import dev.raftkv.raft.group.JoinHold;
import dev.raftkv.raft.group.KvStateMachine;
import dev.raftkv.raft.group.NodeEvents;
import dev.raftkv.raft.group.Opening;
import dev.raftkv.raft.group.Replication;
import dev.raftkv.raft.group.Standing;
import dev.raftkv.raft.group.StatusReader;
import dev.raftkv.raft.log.Barriers;
import dev.raftkv.raft.log.CommitSpread;
import dev.raftkv.raft.log.GroupCommit;
import dev.raftkv.raft.log.LeaderLease;
import dev.raftkv.raft.log.LogProgress;
import dev.raftkv.raft.log.Proposer;
import dev.raftkv.raft.log.ReadSize;
import dev.raftkv.raft.log.Understanding;
import dev.raftkv.raft.log.WriteMeter;
import dev.raftkv.raft.look.Events;
import dev.raftkv.raft.look.LogView;
import dev.raftkv.raft.look.Pulse;
import dev.raftkv.raft.look.VoteWatch;
import dev.raftkv.raft.members.Announcement;
import dev.raftkv.raft.members.Configuration;
import dev.raftkv.raft.members.Founding;
import dev.raftkv.raft.members.Handover;
import dev.raftkv.raft.members.Join;
import dev.raftkv.raft.members.Membership;
import dev.raftkv.raft.members.Recovery;
import dev.raftkv.raft.members.Removing;
import dev.raftkv.raft.members.Succession;
import dev.raftkv.raft.members.Transfer;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.ratis.RaftSettings;
import dev.raftkv.raft.read.CommitNews;
import dev.raftkv.raft.read.FollowerReads;
import dev.raftkv.raft.read.LeaderReads;
import dev.raftkv.raft.wire.Wire;
import dev.raftkv.store.StoreSettings;
import dev.raftkv.tls.Tls;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.impl.ConfiguredRoles;
import org.apache.ratis.statemachine.StateMachine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's part in Raft: puts its pieces together, starts and stops them. A node holds at most one group: its own, of which
 * it is the only member, until a leader takes it into another; or none, when it has been removed.
 */
public final class RaftNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RaftNode.class);
    private static final Duration SLOW_WRITE = Duration.ofSeconds(1);

    /** What the outcomes of transactions may hold until they are answered. */
    private static final long RESULT_BYTES = 2L * CommandApplier.MAX_RESULT_BYTES;

    private final NodeConfig config;
    private final NodeThreads threads;
    private final OwnServer server;
    private final Wire wire;
    private final DataDirectory directory;
    private final CurrentGroup group;
    private final Standing standing;
    private final StatusReader status;
    private final LogView log;
    private final Applied applied;
    private final Events happenings;
    private final Pulse pulse;
    private final NodeEvents events;
    private final LogProgress progress;
    private final GroupCommit commit;
    private final GroupLife life;
    private final Understanding understanding;
    private final LeaderReads leaderReads;
    private final FollowerReads followerReads;
    private final Replication replication;
    private final Opening opening;
    private final Founding founding;
    private final Membership membership;
    private final Handover handover;
    private final SnapshotCare snapshots;
    private final Care care;
    private final RaftFigures figures;

    /** Whether the node was seen to be a member; of one thread. */
    private boolean settled;

    /**
     * @param tls by which it speaks to other nodes, if it is encrypted; whoever has opened it rereads it
     * @param alone see {@link Wire}
     * @param threads end with this node
     * @param applied is told of all that is applied; its hub is closed with this node
     * @param unsent for which new transactions wait
     */
    public RaftNode(
            NodeConfig config, Optional<Tls> tls, boolean alone, NodeThreads threads, Applied applied, Unsent unsent) {
        this(
                config,
                tls,
                alone,
                threads,
                applied,
                unsent,
                new OwnServer(new PeerName(config.nodeId(), config.raftAddress())));
    }

    /** @param server of this node, which starts and closes it */
    RaftNode(
            NodeConfig config,
            Optional<Tls> tls,
            boolean alone,
            NodeThreads threads,
            Applied applied,
            Unsent unsent,
            OwnServer server) {
        NodeConfig.Timeouts timeouts = config.timeouts();
        PeerName name = server.name();
        this.config = config;
        this.threads = threads;
        this.applied = applied;
        this.server = server;
        this.directory = new DataDirectory(config.dataDirectory(), name);
        this.group = new CurrentGroup(server, directory);
        this.happenings = new Events(Clock.systemUTC(), threads.wakes());
        this.pulse = new Pulse(server, happenings, System::nanoTime);
        this.events = new NodeEvents(name, happenings, pulse);
        this.wire = new Wire(
                config,
                server,
                new VoteWatch(happenings, pulse, timeouts.election()),
                tls,
                alone,
                new Wire.Threads(
                        threads.factory(Purpose.WIRE),
                        threads.factory(Purpose.GUEST),
                        threads.factory(Purpose.HANDSHAKE),
                        threads.factory(Purpose.REQUEST),
                        Purpose.REQUEST.most()));
        LeaderLease lease = new LeaderLease(timeouts.election());
        this.handover = new Handover(server, lease, timeouts.election());

        // Where an arrow runs back, the later piece is only called once the node has started.
        JoinHold joinHold = new JoinHold(this::hasNoWrites, threads.timer());
        this.standing = new Standing(config, server, group, joinHold, directory);
        this.status = new StatusReader(config, server, directory, group, standing);
        this.log = new LogView(server, standing::idleReason);

        WriteMeter meter = new WriteMeter(name.toString(), SLOW_WRITE);
        CommitNews news = new CommitNews(server, threads.timer());
        Proposer proposer = new Proposer(
                server, applied.clock(), lease, new CommitSpread(threads.timer(), news::tellAll), timeouts.election());
        this.commit = new GroupCommit(
                threads.factory(Purpose.COMMIT),
                new GroupCommit.Limits(
                        RaftSettings.maxEntryBytes(config),
                        config.limits().pendingWrites(),
                        RaftSettings.maxPendingBytes(config),
                        RESULT_BYTES,
                        unsent.mostForSlow() + RESULT_BYTES,
                        timeouts.write()),
                new ReadSize(standing::store),
                unsent::bytes,
                proposer::propose,
                proposer::isReady,
                threads.answers(),
                meter);
        Barriers barriers = new Barriers(server, commit, this::appliedIndex, threads.answers());

        this.understanding = new Understanding(name, server::allMembers, this::logLevel);
        this.leaderReads = new LeaderReads(
                server,
                wire,
                understanding,
                this::appliedIndex,
                this::barrier,
                news,
                threads.answers(),
                timeouts.election());
        this.life = new GroupLife(
                config,
                server,
                directory,
                group,
                standing,
                joinHold,
                leaderReads,
                applied,
                threads.answers(),
                task -> threads.once(Purpose.CLOSE, task));
        this.followerReads = new FollowerReads(
                server, wire, understanding, life::leaderChange, threads.answers(), timeouts.election());
        this.replication = new Replication(
                server, standing, life, status, understanding, commit, barriers, leaderReads, followerReads, lease);
        RaftProperties settings = RaftSettings.server(config, directory.storage());
        this.opening = new Opening(config, settings, server, directory, group, standing, id -> machine(), wire);
        this.founding = new Founding(config, settings, server, directory, group, opening, life);
        Configuration configuration = new Configuration(
                server,
                standing,
                timeouts.join(),
                timeouts.election(),
                config.storage().snapshotLogBytes());
        this.membership = new Membership(
                new Join(name, configuration, joinHold, new Announcement(config, name, group, replication, wire), wire),
                new Removing(server, group, configuration, handover, timeouts.stop(), wire),
                new Transfer(server, configuration, handover, timeouts.stop()),
                threads.factory(Purpose.MEMBERS),
                threads.answers());
        this.snapshots = new SnapshotCare(config.storage(), server);
        this.care = new Care(
                server,
                standing,
                events,
                new DiskCare(name, directory, standing, opening),
                new RemovalCare(server, standing, life),
                new LowDiskHandover(server, standing, events, handover, timeouts.stop()),
                snapshots,
                new AnnouncementCare(server, status, replication, config.httpAddress()));
        this.progress = new LogProgress(
                () -> server.division().flatMap(division -> LogProgress.Reading.of(division, proposer, changesMade())),
                timeouts.election().multipliedBy(2),
                System::nanoTime,
                this::stepAside);
        this.figures = new RaftFigures(
                timeouts.election(),
                server,
                group,
                standing,
                events,
                progress,
                meter,
                commit,
                directory,
                threads,
                wire.traffic());
    }

    private StateMachine machine() {
        return new KvStateMachine(
                life,
                applied,
                events,
                server,
                new StoreSettings(config.storage().cacheBytes()),
                RaftSettings.maxAppendBytes(config));
    }

    /** Nor any that an earlier start has left to be applied. */
    private boolean hasNoWrites() {
        return commit.isIdle() && server.isLedReadily();
    }

    private long changesMade() {
        return group.machine().map(machine -> machine.store().changesMade()).orElse(0L);
    }

    private int logLevel() {
        return group.machine().map(machine -> machine.store().logLevel()).orElse(0);
    }

    private long appliedIndex() {
        return standing.store().position().index();
    }

    private CompletableFuture<Long> barrier() {
        return replication.barrier();
    }

    private void expireReads() {
        leaderReads.expire();
        followerReads.expire();
    }

    private void stepAside() {
        StandstillHandover standstill = new StandstillHandover(
                server.name(), standing, events, handover, config.timeouts().stop());
        threads.once(Purpose.STEP_ASIDE, () -> standstill.attempt(progress.problem()));
    }

    /**
     * Opens the data directory and starts Raft on what it holds; on an empty one the node founds a group of its own, or
     * holds none if it has somebody to ask. Blocks until Raft runs, and for a founder until it leads.
     *
     * @throws StartException with what to do, if the data or the Raft port cannot be used
     */
    public void start() throws IOException {
        // Before the directory is given a name that a start with the right port would not have.
        opening.probePort();
        wire.open();
        Birth birth = new Recovery(config, server.name(), directory, wire)
                .attempt(directory.open(!config.joinAddresses().isEmpty()));
        ToldLevels told = new ToldLevels(config.dataDirectory());
        understanding.resume(told.read(), told::write);
        // The first look of the care may come after the first write.
        standing.disk().free(directory.freeBytes());
        commit.start();
        if (birth.stage() == Stage.FOUNDING) {
            founding.open(birth);
        } else {
            founding.resume();
        }
        threads.repeatOnTimer("write-deadlines", Duration.ofMillis(50), commit::expire);
        threads.repeatOnTimer("read-deadlines", Duration.ofMillis(50), applied.progress()::expire);
        threads.repeatOnTimer("read-index-deadlines", Duration.ofMillis(50), this::expireReads);
        threads.repeatOnTimer("change-deadlines", Duration.ofMillis(200), membership::expire);
        threads.repeatOnTimer("pulse", Pulse.PAUSE, pulse);
        Expiry expiry = new Expiry(replication, applied.clock());
        SessionCare sessions = new SessionCare(replication, applied.sessions());
        threads.repeat(Purpose.EXPIRY, Duration.ofMillis(100), () -> {
            expiry.run();
            sessions.run();
            applied.locks().look();
        });
        threads.repeat(
                Purpose.RESTORE,
                Duration.ofSeconds(1),
                new RestoreCare(replication, applied.clock(), applied.restores()));
        threads.repeat(Purpose.PROGRESS, LogProgress.PAUSE, progress);
        threads.repeat(Purpose.CARE, Duration.ofSeconds(1), care);
        threads.once(
                Purpose.SUCCESSION,
                new Succession(
                        server,
                        standing,
                        wire,
                        understanding,
                        config.timeouts().election(),
                        threads.factory(Purpose.VOTE)));
        threads.repeat(Purpose.MEMBERSHIP, Duration.ofMillis(50), this::lookForMembership);
    }

    private void lookForMembership() {
        try {
            boolean member = group.isMember();
            if (member && !settled) {
                // A node that has come in as a learner takes itself for a follower.
                server.division().ifPresent(ConfiguredRoles::settle);
            }
            settled = member;
        } catch (RuntimeException e) {
            life.failed("the node cannot note that it is a member", e);
        }
    }

    /** See {@link Founding#found}. */
    public void found() throws IOException {
        founding.found();
    }

    /** Leaves its group, of which it is no member any more; the data is kept aside. */
    public void leave() throws IOException {
        Optional<RaftServer.Division> held = server.division();
        if (held.isPresent()) {
            server.drop(held.get().getMemberId().getGroupId());
        }
    }

    /** What the members understand, which whoever asks them tells it. */
    public Understanding understanding() {
        return understanding;
    }

    /** What the node replicates with. */
    public Replicator replicator() {
        return replication;
    }

    public StatusReader status() {
        return status;
    }

    /** The entries of this node's log. */
    public LogView log() {
        return log;
    }

    /** What has happened to this node. */
    public Events events() {
        return happenings;
    }

    public Membership membership() {
        return membership;
    }

    /** See {@link SnapshotCare#take}; {@code UNAVAILABLE} too while the node serves nothing. */
    public CompletableFuture<Long> takeSnapshot() {
        Optional<String> idle = standing.idleReason();
        return idle.isPresent()
                ? CompletableFuture.failedFuture(new KvException(Code.UNAVAILABLE, idle.get()))
                : group.machine()
                        .map(snapshots::take)
                        .orElseGet(() -> CompletableFuture.failedFuture(
                                new KvException(Code.UNAVAILABLE, "this node holds no group now: try again later")));
    }

    public RaftFigures figures() {
        return figures;
    }

    private void awaitWrites() {
        long deadline = System.nanoTime() + config.timeouts().stop().toNanos();
        while (!commit.isIdle() && System.nanoTime() < deadline) {
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
        // Changes of the members end before Raft, which they need.
        membership.close();
        standing.stop();
        applied.locks().close();
        commit.close();
        try {
            if (server.raft() != null) {
                awaitWrites();
                handover.insist(config.timeouts().stop());
            }
        } finally {
            commit.departed(server.raft() == null || server.isLed());
        }
        applied.watches().close();
        happenings.close();
    }

    /** Retires if need be, and closes Raft, the store and the data directory. Each step ends within the configured stop timeout. */
    @Override
    public void close() {
        retire();
        // What is due is due no more, and would find the store closed.
        threads.stopTasks();
        try {
            opening.close();
        } catch (IOException e) {
            LOG.warn("node {}: Raft did not close in order", server.name(), e);
        } finally {
            commit.abandon();
            wire.close();
            threads.close();
            directory.close();
        }
    }
}
