package dev.raftkv.raft.group;

import dev.raftkv.codec.CommandCodec;
import dev.raftkv.kv.Applied;
import dev.raftkv.machine.CommandApplier;
import dev.raftkv.model.Batch;
import dev.raftkv.model.EventId;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Position;
import dev.raftkv.model.StartException;
import dev.raftkv.raft.disk.ConfigurationFile;
import dev.raftkv.raft.disk.DataDirectory;
import dev.raftkv.raft.disk.LogReading;
import dev.raftkv.raft.disk.LogRepair;
import dev.raftkv.raft.disk.SyncedMark;
import dev.raftkv.raft.log.Proposal;
import dev.raftkv.raft.ratis.JoinedGroup;
import dev.raftkv.raft.ratis.LogWitness;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.Snapshot;
import dev.raftkv.store.Snapshots;
import dev.raftkv.store.StorageException;
import dev.raftkv.store.StoreSettings;
import dev.raftkv.store.WriteTransaction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.StateMachineException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.util.LifeCycle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Ratis sees of the store: an adapter and nothing more. A failure to apply is thrown and stops the group on this node;
 * it is never skipped and never an answer (Ratis only logs a failed future, and goes on).
 *
 * <p>Ratis applies again what follows the latest snapshot after each start. So there is one then of all that the store holds;
 * and where none could be taken, an entry at or below the store's own applied index is passed over.
 */
public final class KvStateMachine extends BaseStateMachine implements LogWitness, JoinedGroup {
    private static final Logger LOG = LoggerFactory.getLogger(KvStateMachine.class);

    /**
     * So many entries that changed nothing may follow the store's position, then one of them is written there too: the log
     * is cut up to that position.
     */
    private static final int UNWRITTEN_ENTRIES = 1024;

    private final GroupListener node;
    private final Applied applied;
    private final NodeEvents events;
    private final OwnServer server;
    private final StoreSettings settings;
    private final int maxAppendBytes;
    private final SnapshotStorage storage = new SnapshotStorage();
    private final CommandApplier applier = new CommandApplier();
    private Path root;
    private ConfigurationFile configurationFile;
    /** The entry that brought the configuration applied last, if this node has applied one since it was started. */
    private volatile LogEntryProto configuration;

    private KvStore store;
    private Snapshots snapshots;
    private SyncedMark synced;
    private final AtomicLong logBytes = new AtomicLong();
    /** What the store held when Ratis began to apply entries to it. */
    private volatile long heldIndex;
    /** How far Ratis has come since. */
    private volatile long replayedIndex;

    private volatile boolean shutDownByPeers;
    private volatile boolean logFailed;

    /** @param maxAppendBytes the largest entry of the log */
    public KvStateMachine(
            GroupListener node,
            Applied applied,
            NodeEvents events,
            OwnServer server,
            StoreSettings settings,
            int maxAppendBytes) {
        this.node = node;
        this.applied = applied;
        this.events = events;
        this.server = server;
        this.settings = settings;
        this.maxAppendBytes = maxAppendBytes;
    }

    @Override
    public void initialize(RaftServer raft, RaftGroupId group, RaftStorage raftStorage) throws IOException {
        super.initialize(raft, group, raftStorage);
        node.opening(group.getUuid());
        getLifeCycle().startAndTransition(() -> {
            root = raftStorage.getStorageDir().getRoot().toPath();
            // Ratis leaves the files of an interrupted snapshot transfer behind.
            DataDirectory.deleteTree(root.resolve("tmp"));
            snapshots = new Snapshots(
                    raftStorage.getStorageDir().getStateMachineDir().toPath());
            snapshots.clean();
            storage.open(snapshots);
            store = new KvStore(
                    root.resolve("kv"), settings, failure -> node.failed("its store cannot be read", failure));
            try {
                openStore();
                Path log = raftStorage.getStorageDir().getCurrentDir().toPath();
                configurationFile = new ConfigurationFile(log);
                beginWithSnapshot(log, mendLog(log));
            } catch (StartException e) {
                close();
                node.refuses(e.getMessage());
                throw e;
            }
        });
        applied.opened(store.position(), EventId.clusterOf(group.getUuid()));
        node.opened(this);
    }

    private void openStore() {
        try {
            store.open();
            restoreIfBehind();
        } catch (StorageException e) {
            throw new StartException(
                    e.getMessage() + ". Mend the disk if it is that; if files of the store are damaged:"
                            + LogRepair.WAY_OUT,
                    e);
        }
    }

    /** Ratis opens the log when the state machine is there, and only logs what it does not like. */
    private LogRepair mendLog(Path log) throws IOException {
        synced = new SyncedMark(root);
        // Ratis commits nothing on a node that is not synced there.
        long index = store.position().index();
        long held = Math.max(synced.read(), index > 0 ? index : RaftLog.INVALID_LOG_INDEX);
        LogRepair repair = new LogRepair(log, maxAppendBytes, held);
        repair.mend();
        repair.checkHolds(snapshots.latest().map(Snapshot::index).orElse(RaftLog.INVALID_LOG_INDEX));
        logBytes.set(repair.bytes());
        return repair;
    }

    /**
     * Links cost less than to read and pass over again what the store has: a million entries, say. The log stays as long as it
     * would have been: other members may need it.
     */
    private void beginWithSnapshot(Path log, LogRepair mended) {
        try {
            // No entry that the snapshot covers will be applied again.
            configurationFile.catchUp(
                    mended.configurationUpTo(store.position().index()), new LogReading(log, maxAppendBytes));
            snapshots.take(store);
            // Nobody is being sent an older one.
            snapshots.retain(1);
        } catch (IOException | StorageException e) {
            LOG.warn("the log is read again from the latest snapshot on, which takes longer: {}", e.getMessage());
        }
        storage.refresh();
        replayedIndex = snapshots.latest().map(Snapshot::index).orElse(RaftLog.INVALID_LOG_INDEX);
    }

    /** A crash between the arrival of a snapshot and its restore leaves the store behind it. */
    private void restoreIfBehind() {
        Optional<Snapshot> latest = snapshots.latest();
        if (latest.isPresent() && latest.get().index() > store.position().index()) {
            store.restore(latest.get().directory());
        }
        storage.refresh();
        Position position = store.position();
        if (latest.isPresent() && latest.get().index() > position.index()) {
            // Berkeley DB takes damage in its last file for the end of it, and says nothing. A snapshot has the same
            // files.
            throw LogRepair.refusal("The store in " + root.resolve("kv") + " is damaged, and so is the snapshot in "
                    + latest.get().directory() + ": it should hold entry "
                    + latest.get().index() + ", but ends with entry " + position.index() + ".");
        }
        heldIndex = position.index();
        replayedIndex = latest.map(Snapshot::index).orElse(RaftLog.INVALID_LOG_INDEX);
        setLastAppliedTermIndex(
                position.index() == 0 ? TermIndex.INITIAL_VALUE : TermIndex.valueOf(position.term(), position.index()));
    }

    /**
     * Only what this process proposes goes into the log, though nothing else comes here: an entry that nobody can apply would
     * stop all nodes for good.
     */
    @Override
    public TransactionContext startTransaction(RaftClientRequest request) {
        TransactionContext.Builder context = TransactionContext.newBuilder()
                .setStateMachine(this)
                .setClientRequest(request)
                .setServerRole(RaftPeerRole.LEADER);
        if (!(request.getMessage() instanceof Proposal proposal)) {
            TransactionContext refused = context.build();
            refused.setException(new IOException("writes are taken over HTTP only"));
            return refused;
        }
        return context.setStateMachineContext(proposal).build();
    }

    /** Called in the step that appends the entry; a transaction may be cancelled before it, and even after it. */
    @Override
    public TransactionContext preAppendTransaction(TransactionContext context) throws StateMachineException {
        Optional<Proposal> proposal = proposal(context);
        if (proposal.isPresent()) {
            // Ratis changes the term under the lock that it holds here.
            if (!proposal.get().isOfThisTerm()) {
                throw new StateMachineException("this node led in another term when the entry was made", false);
            }
            proposal.get().appending();
        }
        return context;
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext context) {
        LogEntryProto entry = context.getLogEntry();
        try {
            logBytes.addAndGet(entry.getSerializedSize());
            replayedIndex = entry.getIndex();
            if (entry.getIndex() > store.position().index()) {
                apply(context, entry);
                advance(entry.getTerm(), entry.getIndex());
                applied.applied(entry.getIndex(), store.position().revision());
            }
            return CompletableFuture.completedFuture(Message.EMPTY);
        } catch (RuntimeException | Error e) {
            node.failed("entry " + entry.getIndex() + " of the Raft log cannot be applied", e);
            throw e;
        }
    }

    private void apply(TransactionContext context, LogEntryProto entry) {
        Optional<Proposal> proposal = proposal(context);
        Batch batch = proposal.map(Proposal::batch)
                .orElseGet(() -> CommandCodec.decode(
                        entry.getStateMachineLogEntry().getLogData().asReadOnlyByteBuffer()));
        proposal.map(Proposal::stamp)
                .ifPresentOrElse(applied.clock()::applied, () -> applied.clock().applied(batch.time()));
        if (batch.changesNothing() && entry.getIndex() - store.position().index() < UNWRITTEN_ENTRIES) {
            proposal.ifPresent(waits -> waits.applied(passed(batch, entry.getIndex())));
            return;
        }
        try (WriteTransaction transaction = store.begin(batch.time())) {
            List<Outcome> outcomes = List.of();
            if (proposal.isPresent()) {
                outcomes = applier.apply(batch, entry.getTerm(), entry.getIndex(), transaction);
            } else {
                applier.follow(batch, entry.getTerm(), entry.getIndex(), transaction);
            }
            transaction.commit(entry.getTerm(), entry.getIndex());
            applied.committed(transaction.changes(), transaction.revision());
            if (proposal.isPresent()) {
                proposal.get().applied(outcomes);
            }
        }
    }

    private static Optional<Proposal> proposal(TransactionContext context) {
        return context.getStateMachineContext() instanceof Proposal proposal ? Optional.of(proposal) : Optional.empty();
    }

    /** The barriers of reads need no transaction: nothing is lost when they are applied again. */
    private List<Outcome> passed(Batch batch, long index) {
        Outcome passed = new Outcome.Passed(store.position().revision(), index);
        return Collections.nCopies(batch.writes().size(), passed);
    }

    /** Ratis reports its own entries too, and after a start those that the store has long passed. */
    @Override
    public void notifyTermIndexUpdated(long term, long index) {
        replayedIndex = index;
        advance(term, index);
    }

    private void advance(long term, long index) {
        if (index > getLastAppliedTermIndex().getIndex()) {
            setLastAppliedTermIndex(TermIndex.valueOf(term, index));
        }
    }

    @Override
    public long takeSnapshot() throws IOException {
        try {
            long start = System.nanoTime();
            LogEntryProto members = configuration;
            if (members != null) {
                // Ratis only logs that a full disk kept it from that, and cuts the log off at the snapshot.
                configurationFile.keep(members);
            }
            SnapshotInfo before = storage.getLatestSnapshot();
            Optional<Snapshot> snapshot = snapshots.take(store);
            logBytes.set(0);
            snapshot.filter(taken -> before == null || taken.index() > before.getIndex())
                    .ifPresent(taken -> events.snapshotTaken(taken.index(), System.nanoTime() - start));
            storage.refresh();
            return snapshot.map(Snapshot::index).orElse(RaftLog.INVALID_LOG_INDEX);
        } catch (RuntimeException e) {
            throw new IOException("cannot take a snapshot", e);
        }
    }

    /** A snapshot arrives. Reads go on from the state that is there: it is older, and does not go back. */
    @Override
    public void pause() {
        if (getLifeCycleState() == LifeCycle.State.RUNNING) {
            getLifeCycle().transition(LifeCycle.State.PAUSING);
            getLifeCycle().transition(LifeCycle.State.PAUSED);
        }
    }

    @Override
    public void reinitialize() {
        try {
            long before = store.position().index();
            getLifeCycle().startAndTransition(this::restoreIfBehind);
            applied.restored(store.position());
            if (store.position().index() > before) {
                events.snapshotInstalled(store.position().index());
            }
        } catch (RuntimeException | Error e) {
            node.failed("the snapshot that the leader sent cannot be loaded", e);
            throw e;
        }
    }

    @Override
    public boolean isMember() {
        return node.isMember();
    }

    @Override
    public CompletableFuture<Long> prepareJoin(PeerName leader) {
        return node.prepareJoin(leader);
    }

    @Override
    public void checkLeave(PeerName other) throws IOException {
        node.checkLeave(other);
    }

    @Override
    public String httpAddress() throws IOException {
        return node.httpAddress();
    }

    @Override
    public CompletableFuture<Long> readIndex(PeerName reader) {
        return node.readIndex(reader);
    }

    @Override
    public void notifyLogFailed(Throwable cause, LogEntryProto entry) {
        logFailed = true;
        node.failed("the Raft log cannot be written", cause);
    }

    @Override
    public void notifyServerShutdown(RoleInfoProto role, boolean allServer) {
        shutDownByPeers |= !allServer;
    }

    @Override
    public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
        node.leaderChanged();
        events.leaderChanged(
                leader,
                server.division()
                        .map(division -> division.getInfo().getCurrentTerm())
                        .orElse(0L));
    }

    @Override
    public void notifyNotLeader(Collection<TransactionContext> pending) {
        events.leadsNoMore();
    }

    @Override
    public void notifyConfigurationChanged(long term, long index, RaftConfigurationProto members) {
        configuration = LogEntryProto.newBuilder()
                .setTerm(term)
                .setIndex(index)
                .setConfigurationEntry(members)
                .build();
        // A restart repeats those that came before the one in force.
        if (server.division()
                .map(division -> division.getRaftConf().getLogEntryIndex() <= index)
                .orElse(true)) {
            events.configured(index, members);
        }
    }

    @Override
    public void notifyGroupRemove() {
        node.left(this);
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
        return storage;
    }

    @Override
    public void close() {
        if (store != null) {
            store.close();
        }
    }

    /** Notes how far the log must reach at the next start; to be called about once a second, and before the end. */
    public void markSynced(RaftLog log) throws IOException {
        synced.write(Math.min(log.getFlushIndex(), log.getLastCommittedIndex()));
    }

    public KvStore store() {
        return store;
    }

    /**
     * Whether Ratis has come as far as the store is. Before that the store is ahead of it, and Ratis takes a snapshot of such
     * a store for a bug.
     */
    public boolean hasReplayed() {
        return replayedIndex >= heldIndex;
    }

    /** About how many bytes of applied Raft entries the next snapshot lets Ratis cut off. */
    public long logBytes() {
        return logBytes.get();
    }

    @Override
    public boolean hasLogFailed() {
        return logFailed;
    }

    /** Whether the other members have told this node that it is none. */
    public boolean shutDownByPeers() {
        return shutDownByPeers;
    }
}
