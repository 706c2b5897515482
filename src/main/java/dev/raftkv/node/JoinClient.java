package dev.raftkv.node;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.json.Json;
import dev.raftkv.json.JsonAnswer;
import dev.raftkv.model.Address;
import dev.raftkv.model.Birth;
import dev.raftkv.model.Birth.Stage;
import dev.raftkv.model.Identity;
import dev.raftkv.node.Quest.Seen;
import dev.raftkv.peer.Lane;
import dev.raftkv.peer.NodeAnswer;
import dev.raftkv.peer.NodeRequest;
import dev.raftkv.peer.Peer;
import dev.raftkv.tls.Tls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The requests of a node about its own membership. Each blocks until it is answered. Thread-safe. */
final class JoinClient {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration LOOK_TIMEOUT = Duration.ofSeconds(5);

    /** What a join may wait for those before it, and for a new leader to be ready. */
    private static final Duration QUEUE = Duration.ofSeconds(20);

    /** For the way of a request and its answer, however slow: a node that is not silent may still never end. */
    private static final Duration WAY = Duration.ofSeconds(10);

    private static final String STATS = "/raft/stats";
    private static final String JOIN = "/raft/join";
    private static final String ANNOUNCE = "/raft/announce";

    private static final int FORBIDDEN = 403;
    private static final int TEMPORARY_REDIRECT = 307;
    private static final int CONFLICT = 409;
    private static final int REDIRECTS = 3;
    private static final int SHOWN = 300;

    private static final byte[] NO_BODY = {};

    /** These requests are too rare for a connection to wait for the next one. */
    private static final Map<String, String> HEADERS = Map.of("Connection", "close");

    private final NodeConfig config;
    private final Lane lane;

    JoinClient(NodeConfig config, Lane lane) {
        this.config = config;
        this.lane = lane;
    }

    /**
     * What is seen at an address.
     *
     * @param seen the node that answers; empty if none does
     * @param refusal why it does not tell this node who it is
     */
    record Look(Optional<Seen> seen, Optional<String> refusal) {
        static final Look NOBODY = new Look(Optional.empty(), Optional.empty());
    }

    /** A node without a secret, which others do not know, knows itself still. */
    private Peer peer(String address) {
        boolean own = address.equals(config.httpAddress())
                && config.security().nodeSecret().isEmpty();
        return own ? new Peer(address, config.nodeId()) : Peer.at(address);
    }

    /** Looks who is at an address. */
    Look look(String address) {
        try (NodeAnswer answer = send("GET", peer(address), STATS, NO_BODY, LOOK_TIMEOUT)) {
            if (answer.isDistrust() || answer.status() == FORBIDDEN) {
                return new Look(Optional.empty(), Optional.of(refusal(address, answer)));
            }
            return answer.status() == 200 && answer.isWhole()
                    ? new Look(JsonAnswer.read(answer.bytes()).flatMap(JoinClient::seen), Optional.empty())
                    : Look.NOBODY;
        } catch (IOException e) {
            return new Look(Optional.empty(), Tls.problem(e).map(problem -> address + ": " + problem));
        }
    }

    private static Optional<Seen> seen(JsonAnswer stats) {
        Optional<String> nodeId = stats.text("data", "node_id");
        Optional<String> state = stats.text("data", "state");
        Optional<Long> others = stats.number("data", "num_peers");
        return nodeId.isEmpty() || state.isEmpty() || others.isEmpty()
                ? Optional.empty()
                : Optional.of(new Seen(
                        nodeId.get(), !state.get().equals("Shutdown"), others.get(), identity(nodeId.get(), stats)));
    }

    /** Empty if the node does not tell, or in a way of a later version. */
    private static Optional<Identity> identity(String nodeId, JsonAnswer stats) {
        Optional<Stage> stage = stats.text("data", "birth", "stage").flatMap(JoinClient::stage);
        Optional<UUID> group = stats.text("data", "birth", "group_id").flatMap(JoinClient::uuid);
        Optional<Address> address = stats.text("data", "birth", "raft_address").flatMap(Address::parse);
        Optional<List<String>> asks = stats.texts("data", "birth", "asks");
        return stage.isEmpty() || group.isEmpty() || address.isEmpty() || asks.isEmpty()
                ? Optional.empty()
                : Optional.of(new Identity(
                        nodeId,
                        address.get(),
                        new Birth(stage.get(), group.get(), stage.get()),
                        asks.get(),
                        stats.number("data", "birth", "log_level").orElse(1L).intValue()));
    }

    private static Optional<Stage> stage(String name) {
        return Arrays.stream(Stage.values())
                .filter(known -> known.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst();
    }

    private static Optional<UUID> uuid(String text) {
        try {
            return Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * Asks the node at an address, or the leader that it names, to take this node in. Blocks while this node catches up.
     *
     * @return why it was not taken in; empty if it was
     */
    Optional<String> ask(String address) {
        byte[] body = Json.line(self());
        Duration timeout = config.timeouts().join().plus(QUEUE);
        Peer asked = Peer.at(address);
        for (int redirects = 0; redirects <= REDIRECTS; redirects++) {
            try (NodeAnswer answer = send("POST", asked, JOIN, body, timeout)) {
                if (answer.status() == 200) {
                    return Optional.empty();
                }
                String location = answer.header("Location");
                if (answer.status() != TEMPORARY_REDIRECT || location == null || !location.endsWith(JOIN)) {
                    return Optional.of(refusal(asked.address() + JOIN, answer));
                }
                asked = Peer.at(location.substring(0, location.length() - JOIN.length()));
            } catch (IOException e) {
                return Optional.of(silence(asked.address() + JOIN, e));
            }
        }
        return Optional.of(address + " and others send it from one to the next");
    }

    /**
     * Tells the leader where this node answers HTTP.
     *
     * @return why that did not work; empty if it did
     */
    Optional<String> announce(Peer leader) {
        try (NodeAnswer answer = sendAnnouncement(leader)) {
            return answer.status() == 200
                    ? Optional.empty()
                    : Optional.of(refusal(leader.address() + ANNOUNCE, answer));
        } catch (IOException e) {
            return Optional.of(silence(leader.address() + ANNOUNCE, e));
        }
    }

    /** Whether a member leads this group, in this term or a later one. */
    boolean isLeader(Peer member, UUID group, long term) {
        try (NodeAnswer answer = send("GET", member, STATS, NO_BODY, LOOK_TIMEOUT)) {
            return answer.status() == 200
                    && answer.isWhole()
                    && JsonAnswer.read(answer.bytes())
                            .filter(stats -> stats.text("data", "state").equals(Optional.of("Leader")))
                            .filter(stats -> stats.text("data", "birth", "group_id")
                                    .flatMap(JoinClient::uuid)
                                    .equals(Optional.of(group)))
                            .flatMap(stats -> stats.number("data", "term"))
                            .filter(its -> its >= term)
                            .isPresent();
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether the leader says that this node is no member when it announces itself. */
    boolean disowns(Peer leader) {
        try (NodeAnswer answer = sendAnnouncement(leader)) {
            return answer.status() == CONFLICT;
        } catch (IOException e) {
            return false;
        }
    }

    private NodeAnswer sendAnnouncement(Peer leader) throws IOException {
        Map<String, String> self = self();
        self.put("http_address", config.httpAddress());
        return send(
                "POST",
                leader,
                ANNOUNCE,
                Json.line(self),
                config.timeouts().write().plus(LOOK_TIMEOUT));
    }

    private Map<String, String> self() {
        Map<String, String> self = new LinkedHashMap<>();
        self.put("node_id", config.nodeId());
        self.put("raft_address", config.raftAddress().toString());
        return self;
    }

    private static String refusal(String target, NodeAnswer answer) {
        String body = JsonAnswer.read(answer.bytes())
                .flatMap(problem -> problem.text("detail"))
                .orElseGet(() -> new String(answer.bytes(), StandardCharsets.UTF_8));
        String line = body.strip().replaceAll("\\p{Cntrl}+", " ");
        return target + " answers " + answer.status() + " "
                + (line.length() > SHOWN ? line.substring(0, SHOWN) + "..." : line);
    }

    private static String silence(String target, IOException e) {
        return target + " does not answer (" + e.getMessage() + ")";
    }

    /** @param timeout how long the other node may be silent */
    private NodeAnswer send(String method, Peer to, String target, byte[] body, Duration timeout) throws IOException {
        CompletableFuture<NodeAnswer> answer =
                lane.send(new NodeRequest(method, to, target, HEADERS, body, CONNECT_TIMEOUT, timeout));
        try {
            return answer.get(timeout.plus(WAY).toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            giveUp(answer);
            throw new IOException("it does not come to an end", e);
        } catch (InterruptedException e) {
            giveUp(answer);
            Thread.currentThread().interrupt();
            throw new IOException("this node is stopping", e);
        }
    }

    private static void giveUp(CompletableFuture<NodeAnswer> answer) {
        if (!answer.cancel(false)) {
            answer.thenAccept(NodeAnswer::close);
        }
    }
}
