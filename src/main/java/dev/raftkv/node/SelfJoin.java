package dev.raftkv.node;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Identity;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Position;
import dev.raftkv.node.Quest.Seen;
import dev.raftkv.node.Quest.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a node that is not born yet look at the nodes of {@code RAFT_JOIN}, and found the cluster or ask to be joined, as
 * {@link Quest} says, until it is a member. All nodes may have the same list. A node that is a member, was removed or has
 * failed asks nobody.
 */
final class SelfJoin implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SelfJoin.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    /** Until the node has seen that it is a member. */
    private static final Duration SHORT_PAUSE = Duration.ofMillis(100);
    /** Between two looks at the list: that costs little. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(3);
    /** Between two requests that were refused. */
    private static final Duration LONGEST_PATIENCE = Duration.ofSeconds(30);

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final NodeConfig config;
    private final Supplier<NodeStatus> status;
    private final Supplier<Optional<Position>> position;
    private final Founding founding;
    private final JoinClient client;
    private final Thread thread;
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile String waitsFor;

    /** Makes this node the first member of a new cluster. */
    interface Founding {
        /** @throws IllegalStateException if the node has been taken into another cluster meanwhile */
        void found() throws IOException;
    }

    /**
     * @param status of this node
     * @param position what this node holds
     */
    SelfJoin(
            NodeConfig config,
            JoinClient client,
            Supplier<NodeStatus> status,
            Supplier<Optional<Position>> position,
            Founding founding) {
        this.config = config;
        this.status = status;
        this.position = position;
        this.founding = founding;
        this.client = client;
        this.thread = new Thread(this::run, "raftkv-" + config.nodeId() + "-join");
        this.thread.setDaemon(true);
    }

    /** Begins to ask, if there is somebody to ask; does not block. */
    void start() {
        if (!config.joinAddresses().isEmpty()) {
            waitsFor = "it has just started";
            thread.start();
        }
    }

    /** Why this node is not part of a cluster yet, if it is to become that by itself: it serves nobody before. */
    Optional<String> problem() {
        String reason = waitsFor;
        return reason == null
                ? Optional.empty()
                : Optional.of("this node asks to be joined by " + String.join(", ", config.joinAddresses())
                        + " (RAFT_JOIN): " + reason);
    }

    private void run() {
        Optional<Duration> pause = attempt(Duration.ZERO);
        while (pause.isPresent() && !await(pause.get())) {
            pause = attempt(pause.get());
        }
    }

    /**
     * Whatever becomes of one attempt, there is another one, but for a node that could not make its group.
     *
     * @param pause how long it was since the last one; zero for the first, which only looks whether there is something to do:
     *     the pause after it lets this node answer HTTP, so that it recognises itself
     * @return how long to wait for the next one; empty if there is nothing to do any more
     */
    private Optional<Duration> attempt(Duration pause) {
        try {
            Duration next = pause.isZero() ? FIRST_PAUSE : round(status.get().identity(), pause);
            Optional<String> end = end(status.get());
            if (end.isEmpty()) {
                return Optional.of(next);
            }
            LOG.info("node {} has done with RAFT_JOIN: {}", config.nodeId(), end.get());
            waitsFor = null;
            return Optional.empty();
        } catch (IOException e) {
            LOG.error("node {} could not found the cluster", config.nodeId(), e);
            waitsFor = "it could not found the cluster (its log tells more): start it again";
            return Optional.empty();
        } catch (RuntimeException | Error e) {
            LOG.error("node {} could not ask to be joined, and tries again", config.nodeId(), e);
            return Optional.of(longer(pause.isZero() ? FIRST_PAUSE : pause, LONGEST_PAUSE));
        }
    }

    /** Why there is nothing to do any more, if so. */
    private Optional<String> end(NodeStatus now) {
        if (now.failure().isPresent()) {
            return Optional.of("it has failed");
        }
        return switch (now.identity().birth().stage()) {
            case FOUNDING, ASKING, ENTERING -> Optional.empty();
            case REMOVED -> Optional.of("it is no member of a cluster, not even of its own: join it by hand");
            case MEMBER ->
                Optional.of(
                        now.members().size() > 1
                                ? "it is a member of a cluster of "
                                        + now.members().size()
                                : alone());
        };
    }

    private String alone() {
        long keys = position.get().map(Position::keys).orElse(0L);
        return keys > 0
                ? "it holds keys (" + keys + ") that others do not know"
                : "it is the only member of its cluster";
    }

    /** Looks, and does what is to be done; returns how long to wait then. */
    private Duration round(Identity self, Duration pause) throws IOException {
        List<Optional<Seen>> list = new ArrayList<>();
        StringBuilder refusals = new StringBuilder();
        for (String address : config.joinAddresses()) {
            JoinClient.Look look = client.look(address);
            list.add(look.seen());
            look.refusal().ifPresent(refusal -> refusals.append("; ").append(refusal));
        }
        if (!status.get().identity().equals(self)) {
            // A leader has taken this node in, or has given it up: what was seen may be this node as it was.
            return FIRST_PAUSE;
        }
        Step step = Quest.next(self, list);
        if (step instanceof Step.Found) {
            LOG.info(
                    "node {} founds the cluster: it is the first of RAFT_JOIN, and nobody there knows one",
                    config.nodeId());
            found();
            return SHORT_PAUSE;
        }
        if (step instanceof Step.Ask ask) {
            return ask(ask.address()) ? SHORT_PAUSE : longer(pause, LONGEST_PATIENCE);
        }
        waits(((Step.Wait) step).reason() + refusals);
        return longer(pause, LONGEST_PAUSE);
    }

    private void found() throws IOException {
        try {
            founding.found();
        } catch (IllegalStateException e) {
            LOG.info("node {} does not found the cluster: {}", config.nodeId(), e.getMessage());
        }
    }

    private boolean ask(String address) {
        Optional<String> refusal = client.ask(address);
        if (refusal.isEmpty()) {
            waits("the cluster has taken it in through " + address + ", and it catches up");
            return true;
        }
        waits(refusal.get());
        return false;
    }

    /** A line for each reason, and not for each look. */
    private void waits(String reason) {
        if (!reason.equals(waitsFor)) {
            LOG.info("node {} is not joined yet: {}", config.nodeId(), reason);
        }
        waitsFor = reason;
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

    private static Duration longer(Duration pause, Duration longest) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(longest) < 0 ? twice : longest;
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
