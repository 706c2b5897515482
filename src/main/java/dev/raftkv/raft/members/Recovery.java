package dev.raftkv.raft.members;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.raftkv.codec.CommandCodec;
import dev.raftkv.config.NodeConfig;
import dev.raftkv.machine.CommandApplier;
import dev.raftkv.model.Batch;
import dev.raftkv.model.Birth;
import dev.raftkv.model.Birth.Stage;
import dev.raftkv.model.Position;
import dev.raftkv.model.StartException;
import dev.raftkv.raft.disk.ConfigurationFile;
import dev.raftkv.raft.disk.DataDirectory;
import dev.raftkv.raft.disk.LogReading;
import dev.raftkv.raft.disk.LogRepair;
import dev.raftkv.raft.disk.SyncedMark;
import dev.raftkv.raft.ratis.Pause;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.ratis.RaftSettings;
import dev.raftkv.raft.wire.Wire;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.Snapshot;
import dev.raftkv.store.Snapshots;
import dev.raftkv.store.StorageException;
import dev.raftkv.store.StoreSettings;
import dev.raftkv.store.WriteTransaction;
import java.io.IOException;
import java.io.Reader;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.raftlog.RaftLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the survivor of a cluster that has lost its majority for good a cluster of its own: a new group, whose state is all that
 * the survivor's log holds, and whose only member it is. It works on a copy beside the old group, which is moved aside in one
 * step at the end. Entries that were never known to be committed are kept: they may have been acknowledged.
 */
public final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
    private static final String TERM_AND_VOTE = "raft-meta";

    /** How long members are asked before they count as lost: they may just be starting, too. */
    private static final Duration ASKING = Duration.ofSeconds(10);

    private static final int PAUSE_MILLIS = 200;

    private final NodeConfig config;
    private final PeerName own;
    private final DataDirectory directory;
    private final Wire wire;

    /** @param wire open, to ask the other members with */
    public Recovery(NodeConfig config, PeerName own, DataDirectory directory, Wire wire) {
        this.config = config;
        this.own = own;
        this.directory = directory;
        this.wire = wire;
    }

    /**
     * What has become of a node when it has been recovered, if that is wanted and was not done before; to be called before Raft is
     * opened. Blocks while the other members are asked, and the log is applied.
     *
     * @param found what has become of it so far
     * @throws StartException with what to do, if its cluster lives, or it holds none
     */
    public Birth attempt(Birth found) throws IOException {
        Optional<String> word = config.recover();
        if (word.isEmpty()) {
            return found;
        }
        if (word.equals(directory.recovered())) {
            LOG.info(
                    "node {}: RAFT_RECOVER={} was done at an earlier start, and does nothing now: remove it",
                    own,
                    word.get());
            return found;
        }
        if (found.stage() != Stage.MEMBER) {
            throw new StartException("RAFT_RECOVER is set, but " + config.dataDirectory()
                    + " holds no data of a cluster: start the member that has survived with it, and this node without");
        }
        return recover(found.group(), word.get());
    }

    private Birth recover(UUID former, String word) throws IOException {
        Made made = make(former);
        UUID next = UUID.randomUUID();
        Birth recovered = directory.recover(next, word);
        tell(former, next, made);
        return recovered;
    }

    /**
     * What the new group begins with.
     *
     * @param known up to which entry it was known to be committed; -1 if nothing was
     */
    private record Made(Position end, long known) {}

    private Made make(UUID former) throws IOException {
        Path group = directory.storage().resolve(former.toString());
        Path log = group.resolve("current");
        int maxEntryBytes = RaftSettings.maxAppendBytes(config);
        try (KvStore store = new KvStore(
                group.resolve("kv"), new StoreSettings(config.storage().cacheBytes()))) {
            store.open();
            Optional<Snapshot> latest = new Snapshots(group.resolve("sm")).latest();
            if (latest.filter(each -> each.index() > store.position().index()).isPresent()) {
                store.restore(latest.get().directory());
            }
            long known = Math.max(
                    new SyncedMark(group).read(),
                    store.position().index() > 0 ? store.position().index() : RaftLog.INVALID_LOG_INDEX);
            LogRepair repair = new LogRepair(log, maxEntryBytes, known);
            repair.mend();
            repair.checkHolds(latest.map(Snapshot::index).orElse(RaftLog.INVALID_LOG_INDEX));
            LogReading reading = new LogReading(log, maxEntryBytes);
            refuseIfAlive(former, configuration(reading, log));

            Path workshop = directory.workshop();
            store.backup(workshop.resolve("copy"));
            Position end = apply(reading, workshop, store.position());
            writeNew(workshop.resolve("current"), end, term(log, end));
            return new Made(end, known);
        } catch (StorageException e) {
            throw new StartException(
                    "RAFT_RECOVER is set, but the store in " + group + " cannot be used (" + e.getMessage()
                            + "): nothing was changed; mend the disk, or recover another survivor",
                    e);
        }
    }

    /** The latest configuration of the log; it may not be committed, as with Raft itself. */
    private static RaftConfigurationProto configuration(LogReading reading, Path log) throws IOException {
        RaftConfigurationProto[] latest = {
            new ConfigurationFile(log)
                    .read()
                    .map(LogEntryProto::getConfigurationEntry)
                    .orElse(null)
        };
        reading.forEach(entry -> {
            if (entry.hasConfigurationEntry()) {
                latest[0] = entry.getConfigurationEntry();
            }
        });
        if (latest[0] == null) {
            throw new StartException("RAFT_RECOVER is set, but " + log + " does not say who was a member");
        }
        return latest[0];
    }

    private void refuseIfAlive(UUID former, RaftConfigurationProto configuration) throws IOException {
        List<PeerName> voters = names(configuration.getPeersList());
        List<PeerName> before = names(configuration.getOldPeersList());
        Set<PeerName> silent = Stream.of(
                        configuration.getPeersList(), configuration.getOldPeersList(), configuration.getListenersList())
                .flatMap(peers -> names(peers).stream())
                .filter(other -> !other.equals(own))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        Set<PeerName> alive = ask(silent, RaftGroupId.valueOf(former));
        String others = alive.stream().map(PeerName::toString).collect(Collectors.joining(", "));
        for (List<PeerName> votes : before.isEmpty() ? List.of(voters) : List.of(voters, before)) {
            long living = votes.stream()
                    .filter(voter -> voter.equals(own) || alive.contains(voter))
                    .count();
            if (living > votes.size() / 2) {
                throw new StartException(
                        "RAFT_RECOVER is set, but the cluster of " + own + " has not lost its majority: "
                                + (others.isEmpty() ? "it has no other voter" : others + " answer")
                                + ", which with this node are " + living + " of " + votes.size()
                                + " voters. Nothing was changed: remove RAFT_RECOVER and start the node again");
            }
        }
        if (!alive.isEmpty()) {
            LOG.warn(
                    "node {}: {} of the former cluster answer, and have no part in the new one: stop them, empty their data"
                            + " directories and join them; look before whether one of them has more than this node",
                    own,
                    others);
        }
    }

    /**
     * Those that answer as members of the group. Meanwhile this node's Raft port is open and says nothing, so that of nodes that
     * are recovered at the same time each sees that the others are there.
     */
    private Set<PeerName> ask(Set<PeerName> silent, RaftGroupId group) throws IOException {
        Set<PeerName> alive = new LinkedHashSet<>();
        long deadline = System.nanoTime() + ASKING.toNanos();
        try (ServerSocket presence = new ServerSocket()) {
            presence.setReuseAddress(true);
            presence.bind(new InetSocketAddress(
                    config.raftBindHost(), config.raftAddress().port()));
            while (!silent.isEmpty()) {
                for (PeerName other : List.copyOf(silent)) {
                    if (holds(other, group)) {
                        silent.remove(other);
                        alive.add(other);
                    }
                }
                if (System.nanoTime() - deadline > 0) {
                    break;
                }
                Pause.millis(PAUSE_MILLIS);
            }
        }
        return alive;
    }

    private static List<PeerName> names(List<RaftPeerProto> peers) {
        return peers.stream()
                .map(peer -> PeerName.of(RaftPeerId.valueOf(peer.getId())))
                .toList();
    }

    /** @throws StartException if somebody is there, and not as a member of the group: it may be a member all the same */
    private boolean holds(PeerName other, RaftGroupId group) {
        try (PeerClient client = PeerClient.connect(wire, other.address())) {
            PeerClient.Server server = client.server();
            if (server.self().equals(other)
                    && server.group().filter(held -> held.id().equals(group)).isPresent()) {
                return true;
            }
            throw new StartException("RAFT_RECOVER is set, but " + server.self() + " answers at " + other.address()
                    + " and is not of the former cluster: if that is another survivor that was recovered, its cluster goes on:"
                    + " empty this node's data directory, start it without RAFT_RECOVER and join it there. If it was emptied,"
                    + " stop it until this node has started. Nothing was changed");
        } catch (IOException e) {
            if (isAway(e)) {
                LOG.debug("{} is not there", other, e);
                return false;
            }
            throw unknown(other, e);
        }
    }

    /** Whether nothing listens there, or nothing is heard from that machine. */
    static boolean isAway(IOException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException
                    || cause instanceof NoRouteToHostException
                    || cause instanceof UnknownHostException) {
                return true;
            }
        }
        return false;
    }

    /** What to say where a member may live: somebody answers, or this machine has no way to where it would. */
    static StartException unknown(PeerName other, IOException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SocketException
                    && String.valueOf(cause.getMessage()).contains("unreachable")) {
                return new StartException(
                        "RAFT_RECOVER is set, but this machine has no way to " + other.address() + " ("
                                + cause.getMessage() + "), so that nobody can tell whether " + other.nodeId()
                                + " lives: mend this machine's network, and start again. Nothing was changed",
                        failure);
            }
        }
        return new StartException(
                "RAFT_RECOVER is set, but somebody is at " + other.address() + " and does not answer as a node ("
                        + failure.getMessage()
                        + "): it may be a member that lives. Find out, and stop it, or remove RAFT_RECOVER. Nothing was changed",
                failure);
    }

    /** Makes the store of the new group, with all that the log holds, and its snapshot, after which the new log begins. */
    private Position apply(LogReading reading, Path workshop, Position held) throws IOException {
        Path copy = workshop.resolve("copy");
        try (KvStore store = new KvStore(
                workshop.resolve("kv"), new StoreSettings(config.storage().cacheBytes()))) {
            store.restore(copy);
            DataDirectory.deleteTree(copy);
            CommandApplier applier = new CommandApplier();
            reading.forEach(entry -> {
                if (entry.getIndex() > held.index()) {
                    apply(entry, applier, store);
                }
            });
            new Snapshots(workshop.resolve("sm")).take(store);
            return store.position();
        }
    }

    private static void apply(LogEntryProto entry, CommandApplier applier, KvStore store) {
        if (entry.hasStateMachineLogEntry()) {
            Batch batch = CommandCodec.decode(
                    entry.getStateMachineLogEntry().getLogData().asReadOnlyByteBuffer());
            try (WriteTransaction transaction = store.begin(batch.time())) {
                applier.follow(batch, entry.getTerm(), entry.getIndex(), transaction);
                transaction.commit(entry.getTerm(), entry.getIndex());
            }
        } else {
            try (WriteTransaction transaction = store.begin(store.position().time())) {
                transaction.commit(entry.getTerm(), entry.getIndex());
            }
        }
    }

    /** The vote of the former group does not count in the new one, but its terms go on. */
    private static long term(Path log, Position end) throws IOException {
        Properties vote = new Properties();
        Path file = log.resolve(TERM_AND_VOTE);
        if (Files.exists(file)) {
            try (Reader in = Files.newBufferedReader(file)) {
                vote.load(in);
            }
        }
        return Math.max(end.term(), Long.parseLong(vote.getProperty("term", "0")));
    }

    /** What Ratis reads at its start: nothing but who is a member, as after the arrival of a snapshot. */
    private void writeNew(Path current, Position end, long term) throws IOException {
        Files.createDirectory(current);
        LogEntryProto alone = LogEntryProto.newBuilder()
                .setTerm(end.term())
                .setIndex(end.index())
                .setConfigurationEntry(
                        RaftConfigurationProto.newBuilder().addPeers(own.peer().getRaftPeerProto()))
                .build();
        new ConfigurationFile(current).write(alone);
        write(current.resolve(TERM_AND_VOTE), ("term=" + term + "\nvotedFor=\n").getBytes(UTF_8));
        DataDirectory.sync(current);
        DataDirectory.sync(current.getParent());
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    private void tell(UUID former, UUID group, Made made) {
        Position end = made.end();
        LOG.warn(
                "node {} was recovered (RAFT_RECOVER): it is a cluster of its own now, group {}, with the data of group {}, whose"
                        + " files are kept in the archive directory",
                own,
                group,
                former);
        LOG.warn(
                "node {} goes on from entry {}, revision {}, of {}; the last {} entries were not known to be committed, and are"
                        + " kept. What the others had acknowledged after that is missing. Empty the data directories of the others"
                        + " before they start, and join them",
                own,
                end.index(),
                end.revision(),
                Instant.ofEpochMilli(end.time()),
                Math.max(0, end.index() - made.known()));
    }
}
