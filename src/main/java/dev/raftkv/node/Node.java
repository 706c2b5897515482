package dev.raftkv.node;

import dev.raftkv.access.NodeSecret;
import dev.raftkv.access.Seals;
import dev.raftkv.config.NodeConfig;
import dev.raftkv.kv.Applied;
import dev.raftkv.kv.KvService;
import dev.raftkv.kv.Replicator;
import dev.raftkv.kv.Unsent;
import dev.raftkv.model.StartException;
import dev.raftkv.ops.BuildMetrics;
import dev.raftkv.ops.EventMetrics;
import dev.raftkv.ops.Health;
import dev.raftkv.ops.JvmMetrics;
import dev.raftkv.ops.LockMetrics;
import dev.raftkv.ops.Metrics;
import dev.raftkv.ops.RaftMetrics;
import dev.raftkv.ops.Source;
import dev.raftkv.ops.StoreMetrics;
import dev.raftkv.ops.Vitals;
import dev.raftkv.ops.WatchMetrics;
import dev.raftkv.peer.Lane;
import dev.raftkv.peer.NodeHttp;
import dev.raftkv.raft.NodeThreads;
import dev.raftkv.raft.RaftFigures;
import dev.raftkv.raft.RaftNode;
import dev.raftkv.raft.look.Events;
import dev.raftkv.raft.look.LogView;
import dev.raftkv.raft.members.Membership;
import dev.raftkv.tls.Tls;
import dev.raftkv.tls.TlsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One node of a cluster. */
public final class Node implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    /** Each of those who use it asks one thing at a time. */
    private static final int ASKING = 4;

    private final NodeConfig config;
    private final Optional<Tls> tls;
    private final NodeHttp http;
    private final Lane asking;
    private final RaftNode raft;
    private final KvService kv;
    private final RaftFigures figures;
    private final SelfJoin selfJoin;
    private final Announcer announcer;
    private final LearnerCheck learning;
    private final AddressCheck addresses;
    private final Optional<CertificateCare> certificates;
    private final Health health;
    private final Metrics metrics;

    /**
     * @param alone whether this application has the JVM to itself, and may load what stays in it
     * @throws StartException with what to do, if its certificates or the secret of the nodes cannot be used
     */
    public Node(NodeConfig config, boolean alone) {
        this.config = config;
        this.tls = config.security().tls().map(Node::open);
        this.certificates = tls.map(own -> new CertificateCare(config.nodeId(), own));
        this.http = new NodeHttp(
                config.nodeId(),
                new Seals(config.nodeId(), config.security().nodeSecret().map(NodeSecret::open), this::cluster),
                tls);
        this.asking = http.lane("ask", ASKING, ASKING);
        NodeThreads threads = new NodeThreads(config.nodeId());
        Applied applied = Applied.of(
                this::replicator,
                threads.answers(),
                threads.wakes(),
                config.limits().watches());
        Unsent unsent = Unsent.ofThisProcess();
        this.raft = new RaftNode(config, tls, alone, threads, applied, unsent);
        this.kv = new KvService(
                raft.replicator(),
                applied,
                unsent,
                new KvService.Limits(
                        config.limits().valueBytes(), config.timeouts().read()));
        this.figures = raft.figures();
        JoinClient client = new JoinClient(config, asking);
        this.selfJoin = new SelfJoin(config, client, raft.status()::read, figures::position, raft::found);
        this.announcer = new Announcer(config, client, raft.status()::read, raft.status()::isUnannounced);
        this.learning = new LearnerCheck(config, client, raft.status()::read, raft::leave);
        this.addresses = new AddressCheck(config, client, raft.status()::read, figures, raft.understanding());
        this.health = new Health(() -> Vitals.of(raft.status().read(), figures, selfJoin.problem()));
        List<Source> sources = new ArrayList<>(List.of(
                new BuildMetrics(config.nodeId()),
                health,
                new RaftMetrics(raft.status()::read, figures, config),
                new StoreMetrics(figures, config),
                new WatchMetrics(applied.watches(), config),
                new LockMetrics(applied.locks(), figures),
                new EventMetrics(raft.events()),
                addresses,
                new JvmMetrics()));
        certificates.ifPresent(sources::add);
        this.metrics = new Metrics(sources);
    }

    private static Tls open(Path directory) {
        try {
            return Tls.open(directory);
        } catch (TlsException e) {
            throw new StartException(e.getMessage(), e);
        }
    }

    private Optional<String> cluster() {
        return raft.status().identity().birth().cluster().map(UUID::toString);
    }

    private Replicator replicator() {
        return raft.replicator();
    }

    /**
     * Starts the node; blocks until it serves. If that fails, whatever was started is closed again.
     *
     * @throws dev.raftkv.model.StartException with what to do, if the data directory or the Raft port cannot be used
     * @throws UncheckedIOException if the disk or the network fails
     */
    public void start() {
        warnWithoutSecret(config.security());
        try {
            raft.start();
            selfJoin.start();
            announcer.start();
            learning.start();
            addresses.start();
            certificates.ifPresent(CertificateCare::start);
        } catch (IOException | RuntimeException e) {
            closeAfter(e);
            throw e instanceof IOException failure
                    ? new UncheckedIOException("the node could not be started: " + e.getMessage(), failure)
                    : (RuntimeException) e;
        }
    }

    private void warnWithoutSecret(NodeConfig.Security security) {
        if (security.auth() != NodeConfig.Auth.NONE && security.nodeSecret().isEmpty()) {
            LOG.warn(
                    "node {} asks everybody who they are (RAFT_AUTH), other nodes too, and has no RAFT_NODE_SECRET by which they"
                            + " would know each other: it can only be alone in its cluster, unless each node shows a"
                            + " certificate. So set RAFT_NODE_SECRET, the same on all nodes; or RAFT_TLS on all, and give each"
                            + " node's name the role of a node where RAFT_AUTH says who may what (in a file of tokens by a"
                            + " line like node1:node:certificate)",
                    config.nodeId());
        }
    }

    private void closeAfter(Exception failure) {
        try {
            close();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    public NodeConfig config() {
        return config;
    }

    /** Whom a client's certificate names, if an authority of this node's certificates vouches for it. */
    public Optional<String> verified(X509Certificate[] chain) {
        return tls.flatMap(own -> own.verified(chain));
    }

    /** The way to other nodes. */
    public NodeHttp http() {
        return http;
    }

    public KvService kv() {
        return kv;
    }

    /** See {@link RaftFigures#inTouch}. */
    public Optional<Set<String>> inTouch() {
        return figures.inTouch();
    }

    /** The entries of this node's Raft log. */
    public LogView log() {
        return raft.log();
    }

    /** What has happened to this node in Raft. */
    public Events events() {
        return raft.events();
    }

    public Membership membership() {
        return raft.membership();
    }

    /** Has a snapshot taken; see {@link RaftNode#takeSnapshot}. */
    public CompletableFuture<Long> takeSnapshot() {
        return raft.takeSnapshot();
    }

    /** A request has come in at this port of the machine: the node's HTTP address may say another. */
    public void arrivedAt(int port) {
        addresses.arrivedAt(port);
    }

    public Health health() {
        return health;
    }

    public Metrics metrics() {
        return metrics;
    }

    /**
     * The first part of a stop, for whoever still has requests: readiness goes, then the leadership, and the node takes no
     * writes and no watches. It says where they are taken, and answers reads. Blocks for a limited time.
     */
    public void retire() {
        health.stopping();
        raft.retire();
    }

    @Override
    public void close() {
        retire();
        asking.close();
        selfJoin.close();
        announcer.close();
        learning.close();
        addresses.close();
        certificates.ifPresent(CertificateCare::close);
        raft.close();
    }
}
