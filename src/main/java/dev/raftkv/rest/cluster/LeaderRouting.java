package dev.raftkv.rest.cluster;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.kv.KvService;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Role;
import dev.raftkv.peer.Peer;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Answers;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Request;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Takes a request to the leader, or its client, when this node turns out not to be the leader. */
public final class LeaderRouting {
    private static final String NOT_LEADER = "not the leader";

    private final KvService kv;
    private final FollowerWrites policy;
    private final LeaderForwarder forwarder;
    private final Reach reach;
    private final Duration timeout;
    private final boolean forwards;

    /** @param timeout how long the leader may take to answer a forwarded request */
    public LeaderRouting(
            KvService kv, FollowerWrites policy, LeaderForwarder forwarder, Reach reach, Duration timeout) {
        this(kv, policy, forwarder, reach, timeout, true);
    }

    private LeaderRouting(
            KvService kv,
            FollowerWrites policy,
            LeaderForwarder forwarder,
            Reach reach,
            Duration timeout,
            boolean forwards) {
        this.kv = kv;
        this.policy = policy;
        this.forwarder = forwarder;
        this.reach = reach;
        this.timeout = timeout;
        this.forwards = forwards;
    }

    /**
     * What this node answers, unless it ends with {@link Code#NOT_LEADER}: then what the request says, or else the policy.
     *
     * @param answer begins
     */
    public CompletionStage<Answer> route(Request request, Supplier<CompletableFuture<Answer>> answer) {
        FollowerWrites atFollowers = request.header(Headers.FOLLOWER_WRITES)
                .map(LeaderRouting::policy)
                .orElseGet(() -> usual(request));
        CompletableFuture<Answer> here = answer.get();
        return here.isDone() && !here.isCompletedExceptionally()
                ? here
                : here.exceptionallyCompose(failure -> {
                    if (!Reads.isNotLeader(failure)) {
                        return explained(failure);
                    }
                    return forwards && !knowsWhoLeads(kv.status())
                            ? later(request, atFollowers, answer)
                            : elsewhere(request, atFollowers);
                });
    }

    /**
     * Browsers take no token with them to another node, and say that nobody's page asks there: so what a page asks for is passed
     * on, where others are sent to the leader.
     */
    private FollowerWrites usual(Request request) {
        boolean ofPage = request.header(Headers.ORIGIN).isPresent();
        return ofPage && policy == FollowerWrites.REDIRECT ? FollowerWrites.FORWARD : policy;
    }

    /** Whether another node leads: this one has just said that it does not. */
    private static boolean knowsWhoLeads(NodeStatus status) {
        return status.leaderId().filter(id -> !id.equals(status.nodeId())).isPresent();
    }

    /** Where a majority is, there will be a leader in a moment: who is sent away comes again after a second only. */
    private CompletableFuture<Answer> later(
            Request request, FollowerWrites atFollowers, Supplier<CompletableFuture<Answer>> answer) {
        CompletableFuture<Void> next = kv.nextLeader();
        NodeStatus status = kv.status();
        return reach.shortfall(status)
                .thenCompose(told ->
                        told.isEmpty() && status.leaderId().isEmpty() ? next : CompletableFuture.completedFuture(null))
                .thenCompose(heard -> answer.get())
                .exceptionallyCompose(
                        failure -> Reads.isNotLeader(failure) ? elsewhere(request, atFollowers) : explained(failure));
    }

    /** Without a majority nothing works, in whatever words it failed. */
    private CompletableFuture<Answer> explained(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (!(cause instanceof KvException known)
                || known.code() != Code.UNAVAILABLE && known.code() != Code.OUTCOME_UNKNOWN) {
            return CompletableFuture.failedFuture(failure);
        }
        NodeStatus status = kv.status();
        if (status.role() != Role.LEADER && status.leaderId().isPresent()) {
            return CompletableFuture.failedFuture(failure);
        }
        return reach.shortfall(status)
                .thenCompose(told -> CompletableFuture.failedFuture(
                        told.isEmpty() || known.getMessage().contains(told) ? known : known.with(told)));
    }

    private static FollowerWrites policy(String header) {
        return switch (header.strip().toLowerCase(Locale.ROOT)) {
            case "redirect" -> FollowerWrites.REDIRECT;
            case "forward" -> FollowerWrites.FORWARD;
            case "reject" -> FollowerWrites.REJECT;
            default ->
                throw new KvException(
                        Code.INVALID, Headers.FOLLOWER_WRITES + " is " + header + ": give redirect, forward or reject");
        };
    }

    /**
     * The same, for requests that the leader may answer late.
     *
     * @param slow by which they are sent on, so that no others wait for them
     * @param wait how much later
     */
    public LeaderRouting waiting(LeaderForwarder slow, Duration wait) {
        return new LeaderRouting(kv, policy, slow, reach, timeout.plus(wait), forwards);
    }

    /** The same, whatever the setting says. */
    public LeaderRouting always(FollowerWrites other) {
        return new LeaderRouting(kv, other, forwarder, reach, timeout, forwards);
    }

    /** The same, for bodies that are not sent on: instead of that their clients are sent to the leader. */
    public LeaderRouting redirecting() {
        return new LeaderRouting(kv, policy, forwarder, reach, timeout, false);
    }

    /** The answer of another node, whatever the policy; if it is not the one that was asked, of the leader that is known then. */
    CompletableFuture<Answer> forward(Request request, Peer leader) {
        return send(request, leader, timeout)
                .exceptionallyCompose(failure -> Reads.isNotLeader(failure)
                        ? again(request, leader, failure)
                        : CompletableFuture.failedFuture(failure));
    }

    private CompletableFuture<Answer> again(Request request, Peer asked, Throwable failure) {
        NodeStatus status = kv.status();
        return status.leaderId()
                .filter(id -> !id.equals(status.nodeId()))
                .flatMap(id -> status.leaderHttpAddress().map(address -> new Peer(address, id)))
                .filter(leader -> !leader.equals(asked))
                .map(leader -> send(request, leader, timeout))
                .orElseGet(() -> CompletableFuture.failedFuture(failure));
    }

    /** The answer of this node and no other, whose silence is borne for so long. */
    CompletableFuture<Answer> send(Request request, Peer leader, Duration patience) {
        return forwarder.forward(request, leader, kv.status().identity().birth().cluster(), patience);
    }

    private CompletableFuture<Answer> elsewhere(Request request, FollowerWrites atFollowers) {
        if (request.header(Headers.FORWARDED).isPresent()) {
            throw unavailable("the node that was taken for the leader does not lead: try again in a moment");
        }
        NodeStatus status = kv.status();
        if (status.leaderId().isEmpty()) {
            return reach.told(status).thenApply(told -> {
                throw unavailable(
                        told.isEmpty()
                                ? "no leader is known now: try again in a moment"
                                : "no leader is known now: " + told + ". Try again in a moment");
            });
        }
        String leader = leader(status);
        // Another node asks for itself, and the leader has to hear that from itself.
        return switch (request.caller().isNode() ? FollowerWrites.REDIRECT : atFollowers) {
            case REJECT ->
                CompletableFuture.completedFuture(Answers.problem(422, NOT_LEADER, Map.of("leader_id", leader)));
            case REDIRECT -> CompletableFuture.completedFuture(redirect(request, leader, httpAddress(status)));
            case FORWARD ->
                forwards
                        ? forward(request, new Peer(httpAddress(status), leader))
                        : CompletableFuture.completedFuture(redirect(request, leader, httpAddress(status)));
        };
    }

    /** A status that names this node was taken after the write was refused: the leader has just changed. */
    private static String leader(NodeStatus status) {
        return status.leaderId()
                .filter(id -> !id.equals(status.nodeId()))
                .orElseThrow(() -> unavailable("the leader has just changed: try again in a moment"));
    }

    private static String httpAddress(NodeStatus status) {
        return status.leaderHttpAddress()
                .orElseThrow(() -> unavailable("the leader's HTTP address is not known yet: try again in a moment"));
    }

    private static Answer redirect(Request request, String leader, String address) {
        Map<String, String> extensions = new LinkedHashMap<>();
        extensions.put("leader_id", leader);
        extensions.put("leader_http_address", address);
        return Answers.problem(307, NOT_LEADER, extensions).header(Headers.LOCATION, address + request.target());
    }

    private static KvException unavailable(String sentence) {
        return new KvException(Code.UNAVAILABLE, sentence);
    }
}
