package dev.raftkv.node;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Position;
import dev.raftkv.node.JoinClient.Seen;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a new node ask the nodes of {@code RAFT_JOIN} to be joined, until it is a member of a cluster of more than itself. It
 * asks the first that answers. All nodes may have the same list: who stands in it asks a lone node only if that one stands
 * before it, so that the first founds the cluster and no two ask each other. A node that holds keys, was removed or has
 * failed asks nobody.
 */
final class SelfJoin implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SelfJoin.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final NodeConfig config;
    private final Supplier<NodeStatus> status;
    private final Supplier<Optional<Position>> position;
    private final JoinClient client;
    private final Thread thread;
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile boolean asking;

    /**
     * @param status of this node
     * @param position what this node holds
     */
    SelfJoin(NodeConfig config, Supplier<NodeStatus> status, Supplier<Optional<Position>> position) {
        this.config = config;
        this.status = status;
        this.position = position;
        this.client = new JoinClient(config);
        this.thread = new Thread(this::run, "raftkv-" + config.nodeId() + "-join");
        this.thread.setDaemon(true);
    }

    /** Begins to ask, if there is somebody to ask; does not block. */
    void start() {
        if (!config.joinAddresses().isEmpty()) {
            asking = true;
            thread.start();
        }
    }

    /** Whom this node asks to be joined, if it does: it should serve nobody before. */
    Optional<String> problem() {
        return asking
                ? Optional.of(
                        "this node asks to be joined by " + String.join(", ", config.joinAddresses()) + " (RAFT_JOIN)")
                : Optional.empty();
    }

    private void run() {
        try {
            Duration pause = FIRST_PAUSE;
            Optional<String> end = Optional.empty();
            // The first pause lets this node answer HTTP, so that it recognises itself.
            while (end.isEmpty() && !await(pause)) {
                pause = longer(pause);
                end = end(status.get());
            }
            end.ifPresent(why -> LOG.info("node {} has done with RAFT_JOIN: {}", config.nodeId(), why));
        } catch (RuntimeException e) {
            LOG.error("node {} does not ask to be joined any more", config.nodeId(), e);
        } finally {
            asking = false;
        }
    }

    /** Goes one round; tells why it is the last, if so. */
    private Optional<String> end(NodeStatus now) {
        if (now.failure().isPresent()) {
            return Optional.of("it has failed");
        }
        if (now.members().isEmpty()) {
            return Optional.of("it is no member of a cluster, not even of its own: join it by hand");
        }
        if (now.members().size() > 1) {
            return Optional.of("it is a member of a cluster of " + now.members().size());
        }
        long keys = position.get().map(Position::keys).orElse(0L);
        if (keys > 0) {
            return Optional.of("it holds keys (" + keys + ") that others do not know");
        }
        return round();
    }

    private Optional<String> round() {
        boolean selfSeen = false;
        for (String address : config.joinAddresses()) {
            Optional<Seen> seen = client.look(address).filter(Seen::serving);
            if (isSelf(address, seen)) {
                selfSeen = true;
            } else if (seen.isPresent() && (!selfSeen || seen.get().others() > 0)) {
                return ask(address);
            }
        }
        if (selfSeen && asking) {
            LOG.info("node {} founds the cluster: of RAFT_JOIN, nobody before it answers", config.nodeId());
            asking = false;
        } else if (!selfSeen) {
            LOG.info("node {} is not joined yet: of RAFT_JOIN, nobody answers", config.nodeId());
        }
        return Optional.empty();
    }

    private boolean isSelf(String address, Optional<Seen> seen) {
        return address.equals(config.httpAddress())
                || seen.filter(node -> node.nodeId().equals(config.nodeId())).isPresent();
    }

    private Optional<String> ask(String address) {
        Optional<String> refusal = client.ask(address);
        if (refusal.isEmpty()) {
            return Optional.of("it has been joined through " + address);
        }
        LOG.info("node {} is not joined yet: {}", config.nodeId(), refusal.get());
        return Optional.empty();
    }

    /** Pauses differ, so that two nodes that got into each other's way do not do so again. */
    private boolean await(Duration pause) {
        try {
            long millis = pause.toMillis();
            return closing.await(ThreadLocalRandom.current().nextLong(millis / 2, millis), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }

    @Override
    public void close() {
        closing.countDown();
        client.close();
        try {
            thread.join(CLOSE_TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
