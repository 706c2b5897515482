package dev.raftkv.rest.cluster;

import dev.raftkv.access.PassedOn;
import dev.raftkv.access.Seals;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.peer.Lane;
import dev.raftkv.peer.NoAnswerException;
import dev.raftkv.peer.NodeAnswer;
import dev.raftkv.peer.NodeRequest;
import dev.raftkv.peer.Peer;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Request;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Sends requests of clients on to the leader and relays its answers. The leader is told who asks; what the client has shown for
 * that, its token, goes to nobody.
 */
public final class LeaderForwarder {
    /** How long it may take to reach another node of the cluster. */
    static final Duration CONNECT = Duration.ofSeconds(1);

    private static final Set<String> READING = Set.of("GET", "HEAD");
    private static final int NOT_MODIFIED = 304;
    private static final String[] RELAYED = {
        Headers.LOCATION,
        Headers.RETRY_AFTER,
        Headers.ETAG,
        Headers.LINK,
        Headers.NODE,
        Headers.REVISION,
        Headers.CONSISTENCY,
        Headers.TTL,
        Headers.CONTENT_DISPOSITION,
        Headers.CONTENT_SECURITY_POLICY,
        Headers.CONSUL_INDEX,
        Headers.CONSUL_KNOWN_LEADER,
        Headers.CONSUL_LAST_CONTACT,
        Headers.CONSUL_CONSISTENCY
    };

    private final String nodeId;
    private final Lane lane;

    /** @param nodeId this node, of which the leader is told */
    public LeaderForwarder(String nodeId, Lane lane) {
        this.nodeId = nodeId;
        this.lane = lane;
    }

    /**
     * Never blocks. The future ends with the leader's answer, of whatever status, whose body may still be on its way, or with a
     * {@link KvException}: {@code UNAVAILABLE} if nothing was sent, or the leader does not know this node; {@code NOT_LEADER}
     * if another node answers; {@code OUTCOME_UNKNOWN} if no answer came, or none to be believed.
     *
     * @param cluster the one that this node is a member of; empty if it is of none
     * @param timeout how long the leader may be silent
     */
    CompletableFuture<Answer> forward(Request request, Peer leader, Optional<UUID> cluster, Duration timeout) {
        Map<String, String> headers = new LinkedHashMap<>(request.headersToSendOn());
        headers.put(Headers.FORWARDED, nodeId);
        headers.put(Seals.CALLER, PassedOn.text(request.caller()));
        cluster.ifPresent(id -> headers.put(Seals.CLUSTER, id.toString()));
        return lane.send(new NodeRequest(
                        request.method(), leader, request.target(), headers, request.body(), CONNECT, timeout))
                .handle((answer, failure) -> {
                    if (failure != null) {
                        throw problem(leader.address(), failure);
                    }
                    if (answer.isDistrust()) {
                        try (answer) {
                            throw Distrust.failure(leader, answer, READING.contains(request.method()));
                        }
                    }
                    return relayed(request.method(), answer);
                });
    }

    private static KvException problem(String address, Throwable failure) {
        if (!(failure instanceof NoAnswerException known)) {
            return unknown(address, failure);
        }
        return switch (known.reason()) {
            case LANE_FULL -> unsent("too many requests wait to be forwarded", known);
            case CLOSED -> unsent("this node is stopping", known);
            case UNREACHABLE -> unsent("the leader at " + address + " cannot be reached", known);
            case UNKNOWN -> unknown(address, known);
        };
    }

    private static KvException unknown(String address, Throwable cause) {
        return new KvException(
                Code.OUTCOME_UNKNOWN,
                "the leader at " + address + " was sent the request and did not answer:"
                        + " it may or may not have been carried out",
                cause);
    }

    private static KvException unsent(String reason, Throwable cause) {
        return new KvException(Code.UNAVAILABLE, reason + ": nothing was changed, try again in a moment", cause);
    }

    private static Answer relayed(String method, NodeAnswer leader) {
        boolean bodiless = method.equals("HEAD") || leader.status() == NOT_MODIFIED;
        Answer answer = bodiless ? Answer.empty(leader.status()) : withBody(leader);
        for (String name : RELAYED) {
            add(answer, name, leader);
        }
        if (bodiless) {
            // No body comes, and the length is that of the one that another request would bring.
            add(answer, Headers.CONTENT_TYPE, leader);
            add(answer, Headers.CONTENT_LENGTH, leader);
        }
        return answer;
    }

    private static Answer withBody(NodeAnswer leader) {
        String type = leader.header(Headers.CONTENT_TYPE);
        if (leader.isWhole()) {
            return Answer.of(leader.status(), type, leader.bytes());
        }
        Answer answer = Answer.of(leader.status(), type, new Relay(leader.body()));
        add(answer, Headers.CONTENT_LENGTH, leader);
        return answer;
    }

    private static void add(Answer answer, String name, NodeAnswer leader) {
        String value = leader.header(name);
        if (value != null) {
            answer.header(name, value);
        }
    }
}
