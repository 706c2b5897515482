package dev.raftkv.raft.members;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Birth;
import dev.raftkv.model.Birth.Stage;
import dev.raftkv.raft.disk.ConfigurationFile;
import dev.raftkv.raft.disk.DataDirectory;
import dev.raftkv.raft.group.CurrentGroup;
import dev.raftkv.raft.group.GroupListener;
import dev.raftkv.raft.group.KvStateMachine;
import dev.raftkv.raft.group.Opening;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.Pause;
import dev.raftkv.raft.ratis.RaftSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes this node the first member of a new cluster, and the leader again of one in which it is alone. */
public final class Founding {
    private static final Logger LOG = LoggerFactory.getLogger(Founding.class);
    private static final Duration READY_TIMEOUT = Duration.ofSeconds(10);

    private final NodeConfig config;
    private final RaftProperties settings;
    private final OwnServer server;
    private final DataDirectory directory;
    private final CurrentGroup group;
    private final Opening opening;
    private final GroupListener node;

    public Founding(
            NodeConfig config,
            RaftProperties settings,
            OwnServer server,
            DataDirectory directory,
            CurrentGroup group,
            Opening opening,
            GroupListener node) {
        this.config = config;
        this.settings = settings;
        this.server = server;
        this.directory = directory;
        this.group = group;
        this.opening = opening;
        this.node = node;
    }

    /** Opens Raft with a new group; blocks until this node leads it. */
    public void open(Birth founding) throws IOException {
        LOG.warn(
                "{} holds no data: node {} starts alone, as the leader of a new cluster",
                config.dataDirectory(),
                server.name());
        RaftSettings.electAtOnce(settings);
        opening.open(Optional.of(server.groupOfOne(founding.group())));
        awaitLeadership();
        RaftSettings.electInTime(settings);
        directory.move(Birth::born);
    }

    /**
     * Makes a node that asks the first member of a new cluster; blocks until it leads it.
     *
     * @throws dev.raftkv.model.StartException if a leader has taken the node in meanwhile
     * @throws IOException if that fails, and the node has to be started again
     */
    public void found() throws IOException {
        Birth founding = directory.move(Birth::founds);
        RaftSettings.electAtOnce(settings);
        try {
            server.add(server.groupOfOne(founding.group()));
            awaitLeadership();
            directory.move(Birth::born);
        } catch (IOException | RuntimeException e) {
            node.failed("the cluster could not be founded", e);
            throw e;
        } finally {
            RaftSettings.electInTime(settings);
        }
    }

    private void awaitLeadership() throws IOException {
        long deadline = System.nanoTime() + READY_TIMEOUT.toNanos();
        while (!server.isLedReadily()) {
            if (System.nanoTime() > deadline) {
                throw new IOException("this node did not become the leader of its own cluster within " + READY_TIMEOUT);
            }
            Pause.millis(10);
        }
    }

    /** Opens Raft with what is there. If that is a group of this node alone, blocks until it leads it: nobody else is waited for. */
    public void resume() throws IOException {
        boolean alone = isAlone();
        if (alone) {
            RaftSettings.electAtOnce(settings);
        }
        try {
            opening.open(Optional.empty());
            adoptOlderData();
            long deadline = System.nanoTime() + READY_TIMEOUT.toNanos();
            while (alone && isStillAlone() && !server.isLedReadily() && System.nanoTime() < deadline) {
                Pause.millis(10);
            }
        } finally {
            RaftSettings.electInTime(settings);
        }
    }

    /** As far as is known before the log is read, which may say otherwise. */
    private boolean isAlone() {
        try {
            Optional<UUID> cluster = directory.birth().cluster();
            return cluster.isPresent()
                    && new ConfigurationFile(directory
                                    .storage()
                                    .resolve(cluster.get().toString())
                                    .resolve("current"))
                            .read()
                            .map(LogEntryProto::getConfigurationEntry)
                            .filter(configuration -> configuration.getOldPeersCount() == 0
                                    && configuration.getPeersCount() == 1
                                    && RaftPeerId.valueOf(
                                                    configuration.getPeers(0).getId())
                                            .equals(server.name().id()))
                            .isPresent();
        } catch (IOException e) {
            LOG.debug("node {}: Ratis says what is wrong with its configuration", server.name(), e);
            return false;
        }
    }

    private boolean isStillAlone() {
        return server.division()
                .map(division -> division.getRaftConf().getCurrentPeers().size() == 1)
                .orElse(false);
    }

    /**
     * The first version called a node a member as soon as a leader had given it a group, and gave one that asks to be joined
     * a group of its own. What has never held anything is entering, or asking.
     */
    private void adoptOlderData() throws IOException {
        Optional<RaftServer.Division> held = server.division();
        if (held.isEmpty() || directory.birth().stage() != Stage.MEMBER) {
            return;
        }
        if (held.get().getRaftConf().getCurrentPeers().isEmpty()) {
            directory.move(birth -> new Birth(Stage.ENTERING, birth.group(), Stage.ASKING));
        } else if (!config.joinAddresses().isEmpty() && directory.birth().foundedAlone() && neverChanged(held.get())) {
            server.drop(held.get().getMemberId().getGroupId());
            directory.move(birth -> Birth.first(true, birth.group()));
        }
    }

    private boolean neverChanged(RaftServer.Division held) {
        return held.getRaftConf().getCurrentPeers().stream()
                        .allMatch(peer -> peer.getId().equals(server.name().id()))
                && group.machine()
                        .map(KvStateMachine::store)
                        .filter(store -> store.position().revision() == 0)
                        .isPresent();
    }
}
