package dev.raftkv.node;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.peer.Peer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the leader where this node answers HTTP, when the cluster does not know it: after a restart with another address, or
 * if the join did not come that far. A leader notes its own address itself.
 */
final class Announcer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final NodeConfig config;
    private final Supplier<NodeStatus> status;
    private final BooleanSupplier unknown;
    private final JoinClient client;
    private final Rounds rounds;

    /** @param unknown whether the cluster does not know where this node answers */
    Announcer(NodeConfig config, JoinClient client, Supplier<NodeStatus> status, BooleanSupplier unknown) {
        this.config = config;
        this.status = status;
        this.unknown = unknown;
        this.client = client;
        this.rounds = new Rounds("raftkv-" + config.nodeId() + "-announce", PAUSE, this::look);
    }

    void start() {
        rounds.start();
    }

    /** Whether all is well, or will be by itself. */
    private boolean look() {
        if (!unknown.getAsBoolean()) {
            return true;
        }
        NodeStatus now = status.get();
        Optional<Peer> leader = now.leaderId()
                .filter(id -> !id.equals(config.nodeId()))
                .flatMap(id -> now.leaderHttpAddress().map(address -> new Peer(address, id)));
        if (leader.isEmpty()) {
            return true;
        }
        Optional<String> refusal = client.announce(leader.get());
        refusal.ifPresent(why -> LOG.warn("node {} could not tell where it answers HTTP: {}", config.nodeId(), why));
        return refusal.isEmpty();
    }

    @Override
    public void close() {
        rounds.close();
    }
}
