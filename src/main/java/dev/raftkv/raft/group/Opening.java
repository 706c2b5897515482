package dev.raftkv.raft.group;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Birth.Stage;
import dev.raftkv.model.StartException;
import dev.raftkv.raft.disk.DataDirectory;
import dev.raftkv.raft.disk.VoteFile;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.RaftSettings;
import dev.raftkv.raft.ratis.Transport;
import dev.raftkv.raft.wire.Wire;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Optional;
import java.util.UUID;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachine;

/** Opens Raft on what the data directory holds, closes it, and opens it again. */
public final class Opening {
    private final NodeConfig config;
    private final RaftProperties settings;
    private final OwnServer server;
    private final DataDirectory directory;
    private final CurrentGroup group;
    private final Standing standing;
    private final StateMachine.Registry machines;
    private final Wire wire;

    /**
     * @param machines makes the state machine of a group that is opened
     * @param wire what the server speaks to other nodes with; open whenever this is asked to do something
     */
    public Opening(
            NodeConfig config,
            RaftProperties settings,
            OwnServer server,
            DataDirectory directory,
            CurrentGroup group,
            Standing standing,
            StateMachine.Registry machines,
            Wire wire) {
        this.config = config;
        this.settings = settings;
        this.server = server;
        this.directory = directory;
        this.group = group;
        this.standing = standing;
        this.machines = machines;
        this.wire = wire;
    }

    /**
     * Whether the Raft port can be used. Raft opens it a moment later; whoever takes it in between is found out then.
     *
     * @throws StartException with what to do, if not
     */
    public void probePort() throws IOException {
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
     * Opens Raft for the first time; blocks until it runs.
     *
     * @param founded a group that is made, if it is to be; else Raft runs with what is there
     * @throws StartException with what to do, if the data or the Raft port cannot be used
     */
    public void open(Optional<RaftGroup> founded) throws IOException {
        RaftServer.Builder builder = newServer();
        if (founded.isPresent()) {
            builder.setGroup(founded.get()).setOption(RaftStorage.StartupOption.FORMAT);
        } else {
            checkVotes();
        }
        start(builder);
    }

    /**
     * Closes Raft and the store and opens them again on what is there, as a restart of the process does: Ratis never writes
     * again to a log that it could not write once.
     */
    public synchronized void reopen() throws IOException {
        // What is being founded begins anew when the process is started again.
        if (standing.isStopping() || directory.birth().stage() == Stage.FOUNDING) {
            return;
        }
        server.close();
        group.left();
        standing.reopens();
        checkVotes();
        start(newServer());
    }

    private RaftServer.Builder newServer() {
        return RaftServer.newBuilder()
                .setServerId(server.name().id())
                .setProperties(settings)
                .setParameters(Transport.parameters(wire::members))
                .setStateMachineRegistry(machines)
                .setOption(RaftStorage.StartupOption.RECOVER);
    }

    private void checkVotes() throws IOException {
        for (UUID held : directory.groups()) {
            new VoteFile(directory.storage().resolve(held.toString()), RaftSettings.maxAppendBytes(config)).check();
        }
    }

    private void start(RaftServer.Builder builder) throws IOException {
        ThreadGroup threads = new ThreadGroup(server.name().toString());
        server.use(builder.setThreadGroup(threads).build(), threads);
        try {
            server.raft().start();
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
        checkGroups();
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

    /** Closes Raft and the store, for good. Nothing happens if they were never opened. */
    public synchronized void close() throws IOException {
        if (server.raft() != null) {
            try {
                markSynced();
            } finally {
                server.close();
            }
        }
    }

    private void markSynced() throws IOException {
        Optional<RaftServer.Division> alive =
                server.division().filter(division -> division.getInfo().isAlive());
        if (alive.isPresent() && group.machine().isPresent()) {
            group.machine().get().markSynced(alive.get().getRaftLog());
        }
    }
}
