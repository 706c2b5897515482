package dev.raftkv.node;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Identity;
import dev.raftkv.model.Member;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Role;
import dev.raftkv.node.JoinClient.Look;
import dev.raftkv.node.Quest.Seen;
import dev.raftkv.ops.Exposition;
import dev.raftkv.ops.Source;
import dev.raftkv.raft.RaftFigures;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether each member, this node too, answers at the HTTP address that the cluster knows of it. A wrong one is invisible
 * until its node leads, and then all clients are sent nowhere. It is told in the log and in the metrics; nothing else is done
 * about it. What is said of a member that nobody hears of would be a guess, so nothing is.
 */
final class AddressCheck implements Source, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AddressCheck.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);

    /** Whoever was heard of since runs. */
    private static final long IN_TOUCH_MILLIS = 5000;

    private final NodeConfig config;
    private final Supplier<NodeStatus> status;
    private final RaftFigures figures;
    private final Consumer<List<Identity>> told;
    private final JoinClient client;
    private final Rounds rounds;

    /** By member, what was wrong at the last look; it counts when the next look finds it again. */
    private Map<String, String> suspected = Map.of();

    private volatile Map<String, String> problems = Map.of();
    private volatile int arrivalPort;

    /** @param told hears after each look which members tell who they are, as those of the first version do not */
    AddressCheck(
            NodeConfig config,
            JoinClient client,
            Supplier<NodeStatus> status,
            RaftFigures figures,
            Consumer<List<Identity>> told) {
        this.config = config;
        this.status = status;
        this.figures = figures;
        this.told = told;
        this.client = client;
        this.rounds = new Rounds("raftkv-" + config.nodeId() + "-addresses", FIRST_PAUSE, this::look);
    }

    void start() {
        rounds.start();
    }

    /** A request has come in at this port. */
    void arrivedAt(int port) {
        arrivalPort = port;
    }

    /** Never begins anew: an address that is wrong stays so until somebody mends it. */
    private boolean look() {
        look(status.get());
        return false;
    }

    private void look(NodeStatus now) {
        Map<String, String> found = new TreeMap<>();
        List<Identity> identities = new ArrayList<>();
        if (now.role() != Role.SHUTDOWN) {
            for (Member member : now.members()) {
                Look look = member.httpAddress().map(client::look).orElse(Look.NOBODY);
                problem(member, look, now).ifPresent(problem -> found.put(member.nodeId(), problem));
                look.seen()
                        .filter(node -> isItself(member, node))
                        .flatMap(Seen::identity)
                        .ifPresent(identities::add);
            }
        }
        told.accept(identities);
        Map<String, String> confirmed = new TreeMap<>(found);
        confirmed.keySet().retainAll(suspected.keySet());
        suspected = found;
        confirmed.forEach((member, problem) -> {
            if (!problem.equals(problems.get(member))) {
                LOG.warn("node {}: {}", config.nodeId(), problem);
            }
        });
        problems.keySet().stream()
                .filter(member -> !confirmed.containsKey(member))
                .forEach(member ->
                        LOG.info("node {}: {} answers at its HTTP address, or is gone", config.nodeId(), member));
        problems = confirmed;
    }

    private Optional<String> problem(Member member, Look look, NodeStatus now) {
        Optional<Seen> seen = look.seen();
        if (member.httpAddress().isEmpty()) {
            return Optional.empty();
        }
        String address = member.httpAddress().get();
        String wayOut = ": set its RAFT_HTTP_ADDRESS (or SERVER_PORT) to where clients reach it, and start it again";
        if (seen.isPresent()) {
            return isItself(member, seen.get())
                    ? Optional.empty()
                    : Optional.of(seen.get().nodeId() + " answers at " + address + ", the HTTP address of "
                            + member.nodeId() + wayOut);
        }
        if (look.refusal().isPresent()) {
            return Optional.of(member.nodeId() + " cannot be asked at its HTTP address: "
                    + look.refusal().get());
        }
        boolean own = member.nodeId().equals(config.nodeId());
        return own || isInTouch(member, now)
                ? Optional.of(member.nodeId() + " runs, but does not answer at its HTTP address " + address
                        + (own ? arrivals(address) : "") + wayOut)
                : Optional.empty();
    }

    private static boolean isItself(Member member, Seen seen) {
        return seen.nodeId().equals(member.nodeId())
                && seen.identity()
                        .map(identity -> identity.raftAddress().equals(member.raftAddress()))
                        .orElse(true);
    }

    private boolean isInTouch(Member member, NodeStatus now) {
        if (now.leaderId().equals(Optional.of(member.nodeId()))) {
            return now.lastContactMillis().orElse(Long.MAX_VALUE) < IN_TOUCH_MILLIS;
        }
        return now.role() == Role.LEADER
                && figures.followers().stream()
                        .anyMatch(follower -> follower.nodeId().equals(member.nodeId())
                                && follower.lastContactMillis() < IN_TOUCH_MILLIS);
    }

    private String arrivals(String address) {
        int port = arrivalPort;
        return port == 0 || port == URI.create(address).getPort() ? "" : ", and requests come in at port " + port;
    }

    @Override
    public void write(Exposition out) {
        Map<String, String> wrong = problems;
        out.begin(
                "raftkv_http_address_wrong",
                Exposition.Type.GAUGE,
                "Whether a member that runs does not answer at the HTTP address that the cluster knows of it.");
        for (Member member : status.get().members()) {
            out.sample(wrong.containsKey(member.nodeId()) ? 1 : 0, "member", member.nodeId());
        }
    }

    @Override
    public void close() {
        rounds.close();
    }
}
