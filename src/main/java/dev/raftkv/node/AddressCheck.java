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
import dev.raftkv.raft.log.Understanding;
import dev.raftkv.raft.ratis.PeerName;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether each member, this node too, answers at the HTTP address that the cluster knows of it. A wrong one is invisible
 * until its node leads, and then all clients are sent nowhere. It is told in the log and in the metrics; nothing else is done
 * about it. What is said of a member that nobody hears of would be a guess, so nothing is.
 *
 * <p>By the way it hears what each member understands. That is wanted soon, so it looks when the members or their addresses are
 * others, and when somebody was refused because a member was not heard.
 */
final class AddressCheck implements Source, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AddressCheck.class);
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(500);

    /** For so long what is wrong has to be seen: a node runs before its server takes requests. */
    private static final Duration CERTAIN = Duration.ofSeconds(4);

    /** Whoever was heard of since runs. */
    private static final long IN_TOUCH_MILLIS = 5000;

    private final NodeConfig config;
    private final Supplier<NodeStatus> status;
    private final RaftFigures figures;
    private final Understanding understanding;
    private final JoinClient client;
    private final Rounds rounds;

    /** By member, by the clock of nanoseconds, since when each look has found something wrong. */
    private final Map<String, Long> suspected = new HashMap<>();

    private List<Member> looked = List.of();

    private volatile Map<String, String> problems = Map.of();
    private volatile int arrivalPort;

    /** @param understanding is told what each member that answers says it can read in the log */
    AddressCheck(
            NodeConfig config,
            JoinClient client,
            Supplier<NodeStatus> status,
            RaftFigures figures,
            Understanding understanding) {
        this.config = config;
        this.status = status;
        this.figures = figures;
        this.understanding = understanding;
        this.client = client;
        this.rounds = new Rounds("raftkv-" + config.nodeId() + "-addresses", SHORTEST_PAUSE, this::hasNews, this::look);
    }

    void start() {
        rounds.start();
    }

    /** A request has come in at this port. */
    void arrivedAt(int port) {
        arrivalPort = port;
    }

    private static List<Member> asked(NodeStatus now) {
        return now.role() == Role.SHUTDOWN ? List.of() : now.members();
    }

    private boolean hasNews() {
        return understanding.wasMissed() || !asked(status.get()).equals(looked);
    }

    /** Never begins anew by itself: an address that is wrong stays so until somebody mends it. */
    private boolean look() {
        look(status.get());
        return false;
    }

    private void look(NodeStatus now) {
        Map<String, String> found = new TreeMap<>();
        understanding.forgetOthers();
        for (Member member : asked(now)) {
            Look look = member.httpAddress().map(client::look).orElse(Look.NOBODY);
            problem(member, look, now).ifPresent(problem -> found.put(member.nodeId(), problem));
            look.seen()
                    .filter(node -> isItself(member, node))
                    .ifPresent(node -> understanding.told(
                            new PeerName(member.nodeId(), member.raftAddress()),
                            node.identity().map(Identity::logLevel).orElse(0)));
        }
        tell(found);
        looked = asked(now);
    }

    private void tell(Map<String, String> found) {
        long moment = System.nanoTime();
        suspected.keySet().retainAll(found.keySet());
        found.keySet().forEach(member -> suspected.putIfAbsent(member, moment));
        Map<String, String> confirmed = new TreeMap<>(found);
        confirmed.keySet().removeIf(member -> moment - suspected.get(member) < CERTAIN.toNanos());
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
