package dev.raftkv.node;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.NodeStatus;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final NodeConfig config;
    private final Supplier<NodeStatus> status;
    private final BooleanSupplier unknown;
    private final JoinClient client;
    private final Thread thread;
    private final CountDownLatch closing = new CountDownLatch(1);

    /** @param unknown whether the cluster does not know where this node answers */
    Announcer(NodeConfig config, JoinClient client, Supplier<NodeStatus> status, BooleanSupplier unknown) {
        this.config = config;
        this.status = status;
        this.unknown = unknown;
        this.client = client;
        this.thread = new Thread(this::run, "raftkv-" + config.nodeId() + "-announce");
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        Duration pause = PAUSE;
        while (!await(pause)) {
            try {
                pause = look() ? PAUSE : longer(pause);
            } catch (RuntimeException e) {
                // The top of the thread: a node that closes, most likely; the next look comes.
                LOG.debug("node {}", config.nodeId(), e);
            } catch (Error e) {
                LOG.error("node {}", config.nodeId(), e);
            }
        }
    }

    /** Whether all is well, or will be by itself. */
    private boolean look() {
        if (!unknown.getAsBoolean()) {
            return true;
        }
        NodeStatus now = status.get();
        Optional<String> leader =
                now.leaderHttpAddress().filter(address -> !now.leaderId().equals(Optional.of(config.nodeId())));
        if (leader.isEmpty()) {
            return true;
        }
        Optional<String> refusal = client.announce(leader.get());
        refusal.ifPresent(why -> LOG.warn("node {} could not tell where it answers HTTP: {}", config.nodeId(), why));
        return refusal.isEmpty();
    }

    private boolean await(Duration pause) {
        try {
            return closing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
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
        try {
            thread.join(CLOSE_TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
