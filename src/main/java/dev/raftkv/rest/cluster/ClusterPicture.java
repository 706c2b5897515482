package dev.raftkv.rest.cluster;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.access.UserRole;
import dev.raftkv.json.JsonAnswer;
import dev.raftkv.kv.KvService;
import dev.raftkv.model.DiskRoom;
import dev.raftkv.model.Member;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.peer.Lane;
import dev.raftkv.peer.NodeAnswer;
import dev.raftkv.peer.NodeRequest;
import dev.raftkv.peer.Peer;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Answers;
import dev.raftkv.rest.http.Operation;
import dev.raftkv.rest.http.Operation.Effect;
import dev.raftkv.rest.request.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** All members side by side, each as it sees itself: this node asks the others, all at once, and waits half a second at most. */
public final class ClusterPicture {
    private static final Duration CONNECT = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofMillis(300);
    private static final Duration LONG_PATIENCE = Duration.ofSeconds(2);
    private static final String STATS = "/raft/stats";
    private static final byte[] NO_BODY = {};

    private final KvService kv;
    private final Lane asking;

    /** @param asking what is small and answered soon */
    public ClusterPicture(KvService kv, Lane asking) {
        this.kv = kv;
        this.asking = asking;
    }

    /**
     * What a member says of itself.
     *
     * @param reason why it says nothing, if so
     */
    private record Shot(Member member, Optional<Facts> facts, String reason) {}

    private record Facts(
            String state,
            long term,
            long lastLogIndex,
            long commitIndex,
            long appliedIndex,
            Optional<String> leaderId,
            Optional<DiskRoom> disk) {
        static Facts of(NodeStatus status, Optional<DiskRoom> disk) {
            return new Facts(
                    status.role().label(),
                    status.term(),
                    status.lastLogIndex(),
                    status.commitIndex(),
                    status.appliedIndex(),
                    status.leaderId(),
                    disk);
        }

        /** Empty if it is no status of a node. */
        static Optional<Facts> of(JsonAnswer stats) {
            Optional<String> state = stats.text("data", "state");
            Optional<Long> term = stats.number("data", "term");
            Optional<Long> last = stats.number("data", "last_log_index");
            Optional<Long> commit = stats.number("data", "commit_index");
            Optional<Long> applied = stats.number("data", "applied_index");
            return state.isEmpty() || term.isEmpty() || last.isEmpty() || commit.isEmpty() || applied.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Facts(
                            state.get(),
                            term.get(),
                            last.get(),
                            commit.get(),
                            applied.get(),
                            stats.text("data", "leader_id"),
                            disk(stats)));
        }

        private static Optional<DiskRoom> disk(JsonAnswer stats) {
            return stats.number("data", "disk", "free_bytes")
                    .flatMap(free ->
                            stats.number("data", "disk", "min_free_bytes").map(least -> new DiskRoom(free, least)));
        }
    }

    public Operation operation() {
        return new Operation("GET", "raft/cluster", List.of(), Effect.OPERATIONAL, this::picture)
                .askingFor(UserRole.READER);
    }

    private CompletionStage<Answer> picture(Request request) {
        NodeStatus status = kv.status();
        List<CompletableFuture<Shot>> shots = shots(status, PATIENCE);
        return CompletableFuture.allOf(shots.toArray(CompletableFuture[]::new))
                .thenApply(all -> Answers.ok(json -> {
                    json.writeStringField("message", "Here is the cluster");
                    json.writeObjectFieldStart("data");
                    json.writeStringField("asked_by", status.nodeId());
                    json.writeArrayFieldStart("members");
                    for (CompletableFuture<Shot> each : shots) {
                        write(json, each.join());
                    }
                    json.writeEndArray();
                    json.writeEndObject();
                }));
    }

    /** How much room the members' disks have, by their ids, as far as they say so within two seconds. */
    public CompletableFuture<Map<String, DiskRoom>> disks() {
        List<CompletableFuture<Shot>> shots = shots(kv.status(), LONG_PATIENCE);
        return CompletableFuture.allOf(shots.toArray(CompletableFuture[]::new)).thenApply(all -> {
            Map<String, DiskRoom> disks = new LinkedHashMap<>();
            for (CompletableFuture<Shot> each : shots) {
                Shot shot = each.join();
                shot.facts()
                        .flatMap(Facts::disk)
                        .ifPresent(disk -> disks.put(shot.member().nodeId(), disk));
            }
            return disks;
        });
    }

    private List<CompletableFuture<Shot>> shots(NodeStatus status, Duration patience) {
        return status.members().stream()
                .map(member -> shot(member, status, patience))
                .toList();
    }

    private CompletableFuture<Shot> shot(Member member, NodeStatus own, Duration patience) {
        if (member.nodeId().equals(own.nodeId())) {
            return CompletableFuture.completedFuture(new Shot(member, Optional.of(Facts.of(own, kv.disk())), ""));
        }
        if (member.httpAddress().isEmpty()) {
            return CompletableFuture.completedFuture(
                    new Shot(member, Optional.empty(), "where it answers HTTP is not known"));
        }
        Peer peer = new Peer(member.httpAddress().get(), member.nodeId());
        String url = peer.address() + STATS;
        return asking.send(new NodeRequest("GET", peer, STATS, Map.of(), NO_BODY, CONNECT, patience))
                .handle((answer, failure) -> {
                    if (failure != null) {
                        return new Shot(member, Optional.empty(), url + " did not answer: " + words(failure));
                    }
                    try (answer) {
                        return read(member, peer, answer);
                    }
                });
    }

    private static String words(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return String.valueOf(cause.getMessage());
    }

    private static Shot read(Member member, Peer peer, NodeAnswer answer) {
        String url = peer.address() + STATS;
        if (answer.isDistrust()) {
            return new Shot(member, Optional.empty(), Distrust.words(peer, answer));
        }
        Optional<JsonAnswer> stats =
                answer.status() == 200 && answer.isWhole() ? JsonAnswer.read(answer.bytes()) : Optional.empty();
        Optional<String> id = stats.flatMap(each -> each.text("data", "node_id"));
        if (id.isPresent() && !id.get().equals(member.nodeId())) {
            return new Shot(member, Optional.empty(), id.get() + " answers at " + url);
        }
        Optional<Facts> facts = stats.flatMap(Facts::of);
        return new Shot(
                member, facts, facts.isPresent() ? "" : url + " answered " + answer.status() + ", and no status");
    }

    private static void write(JsonGenerator json, Shot shot) throws IOException {
        json.writeStartObject();
        json.writeStringField("node_id", shot.member().nodeId());
        json.writeStringField("http_address", shot.member().httpAddress().orElse(null));
        json.writeStringField("suffrage", shot.member().voter() ? "Voter" : "Learner");
        json.writeBooleanField("answered", shot.facts().isPresent());
        if (shot.facts().isPresent()) {
            Facts facts = shot.facts().get();
            json.writeStringField("state", facts.state());
            json.writeNumberField("term", facts.term());
            json.writeNumberField("last_log_index", facts.lastLogIndex());
            json.writeNumberField("commit_index", facts.commitIndex());
            json.writeNumberField("applied_index", facts.appliedIndex());
            json.writeStringField("leader_id", facts.leaderId().orElse(null));
            StatusJson.write(json, facts.disk());
        } else {
            json.writeStringField("reason", shot.reason());
        }
        json.writeEndObject();
    }
}
