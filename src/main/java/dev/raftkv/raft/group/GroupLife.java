package dev.raftkv.raft.group;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.kv.Applied;
import dev.raftkv.model.Birth;
import dev.raftkv.model.Birth.Stage;
import dev.raftkv.raft.disk.DataDirectory;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.read.LeaderReads;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the node does when a group comes, fails or goes. */
public final class GroupLife implements GroupListener {
    private static final Logger LOG = LoggerFactory.getLogger(GroupLife.class);

    private final NodeConfig config;
    private final OwnServer server;
    private final DataDirectory directory;
    private final CurrentGroup group;
    private final Standing standing;
    private final JoinHold joinHold;
    private final LeaderReads reads;
    private final Applied applied;
    private final Executor answers;
    private final Executor closer;
    private final AtomicReference<CompletableFuture<Void>> leaderChange =
            new AtomicReference<>(new CompletableFuture<>());

    /**
     * @param answers completes what clients wait for
     * @param closer closes a group that has failed; may take its time
     */
    public GroupLife(
            NodeConfig config,
            OwnServer server,
            DataDirectory directory,
            CurrentGroup group,
            Standing standing,
            JoinHold joinHold,
            LeaderReads reads,
            Applied applied,
            Executor answers,
            Executor closer) {
        this.config = config;
        this.server = server;
        this.directory = directory;
        this.group = group;
        this.standing = standing;
        this.joinHold = joinHold;
        this.reads = reads;
        this.applied = applied;
        this.answers = answers;
        this.closer = closer;
    }

    @Override
    public void opening(UUID id) throws IOException {
        if (!server.isRunning()) {
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

    @Override
    public void opened(KvStateMachine machine) {
        group.opened(machine);
    }

    @Override
    public void leaderChanged() {
        CompletableFuture<Void> heard = leaderChange.getAndSet(new CompletableFuture<>());
        if (!standing.isStopping()) {
            heard.completeAsync(() -> null, answers);
        }
    }

    /** See {@link dev.raftkv.kv.Replicator#leaderChange}. */
    public CompletableFuture<Void> leaderChange() {
        return leaderChange.get();
    }

    @Override
    public void left(KvStateMachine machine) {
        applied.left("this node was removed from its cluster: go on at another node");
        boolean joining = joinHold.isHeld();
        joinHold.release();
        group.left();
        directory.left(machine.getGroupId().getUuid(), joining);
        LOG.warn(
                "node {} has left group {}; its data is kept in the archive directory",
                server.name(),
                machine.getGroupId());
    }

    @Override
    public void refuses(String problem) {
        standing.refuse(problem);
    }

    @Override
    public void failed(String what, Throwable cause) {
        if (standing.fail(what, cause)) {
            applied.left("this node has stopped serving: go on at another node");
            // A leader that cannot write its log would go on sending heartbeats, and nobody could take over.
            closer.execute(() -> server.division().ifPresent(RaftServer.Division::close));
        }
    }

    @Override
    public boolean isMember() {
        return group.isMember();
    }

    @Override
    public String httpAddress() throws IOException {
        if (!group.isMember()) {
            throw new IOException("it has not seen yet that it is a member");
        }
        return config.httpAddress();
    }

    @Override
    public CompletableFuture<Long> readIndex(PeerName reader) {
        return standing.leaderRefusal()
                .<CompletableFuture<Long>>map(CompletableFuture::failedFuture)
                .orElseGet(() -> reads.indexFor(reader));
    }

    @Override
    public CompletableFuture<Long> prepareJoin(PeerName leader) {
        if (!isAlone()) {
            return CompletableFuture.failedFuture(new IOException("it is no longer alone"));
        }
        return joinHold.prepare(leader, () -> standing.store().position().keys());
    }

    private boolean isAlone() {
        return server.allMembers().equals(List.of(server.name()));
    }

    /**
     * Nothing is lost with a group that has never sent anything. A member may tell this node that it was removed. The state of
     * a node that is alone is put aside only by whoever has made it take no more writes.
     */
    @Override
    public void checkLeave(PeerName other) throws IOException {
        List<PeerName> members = server.allMembers();
        if (!members.isEmpty()
                && !(isAlone() && joinHold.isHeldFor(other))
                && (!members.contains(other) || isAlone())) {
            throw new IOException(other + " may not make it leave its group");
        }
    }
}
