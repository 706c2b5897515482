package dev.raftkv.rest.cluster;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.kv.KvService;
import dev.raftkv.model.Member;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Role;
import dev.raftkv.peer.Peer;
import dev.raftkv.raft.members.Configuration.Sight;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Answers;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Who belongs to the cluster, and how far each is with the log. The leader knows; another node asks it, and says what it knows
 * itself if nobody answers.
 */
final class MemberList {
    /** A list that is late is of no use: the members are known here too. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final String UNKNOWN = "unknown";

    private final KvService kv;
    private final Supplier<Optional<List<Sight>>> sights;
    private final LeaderRouting routing;

    MemberList(KvService kv, Supplier<Optional<List<Sight>>> sights, LeaderRouting routing) {
        this.kv = kv;
        this.sights = sights;
        this.routing = routing;
    }

    CompletionStage<Answer> members(Request request) {
        NodeStatus status = kv.status();
        Optional<List<Sight>> seen = status.role() == Role.LEADER ? sights.get() : Optional.empty();
        Optional<Peer> leader = status.leaderId()
                .filter(id -> !id.equals(status.nodeId()))
                .flatMap(id -> status.leaderHttpAddress().map(address -> new Peer(address, id)));
        if (seen.isPresent()
                || leader.isEmpty()
                || request.header(Headers.FORWARDED).isPresent()) {
            return CompletableFuture.completedFuture(answer(status, seen));
        }
        return routing.send(request, leader.get(), PATIENCE).handle((answer, failure) -> {
            if (failure == null && answer.status() == 200) {
                return answer;
            }
            return answer(status, Optional.empty());
        });
    }

    private static Answer answer(NodeStatus status, Optional<List<Sight>> seen) {
        Map<String, Sight> others = new LinkedHashMap<>();
        seen.ifPresent(all -> all.forEach(sight -> others.put(sight.name().nodeId(), sight)));
        return Answers.ok(json -> {
            json.writeStringField(
                    "message", seen.isPresent() ? "Here are the members" : "Here are the members; no leader was asked");
            json.writeObjectFieldStart("data");
            json.writeStringField("leader_id", status.leaderId().orElse(null));
            json.writeNumberField("term", status.term());
            json.writeNumberField("commit_index", status.commitIndex());
            json.writeArrayFieldStart("members");
            for (Member member : status.members()) {
                Sight sight = others.remove(member.nodeId());
                boolean leads = seen.isPresent() && member.nodeId().equals(status.nodeId());
                begin(json, member.nodeId(), member.raftAddress().toString(), member.httpAddress());
                json.writeStringField("suffrage", member.voter() ? "Voter" : "Learner");
                json.writeBooleanField("joining", false);
                write(
                        json,
                        leads
                                ? Optional.of(itself(status))
                                : Optional.ofNullable(sight).map(Figures::of));
                json.writeEndObject();
            }
            for (Sight joiner : others.values()) {
                begin(json, joiner.name().nodeId(), joiner.name().address().toString(), Optional.empty());
                json.writeStringField("suffrage", "Learner");
                json.writeBooleanField("joining", true);
                write(json, Optional.of(Figures.of(joiner)));
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private record Figures(long match, long lag, long contact) {
        static Figures of(Sight sight) {
            return new Figures(sight.matchIndex(), sight.lagEntries(), sight.lastContactMillis());
        }
    }

    private static Figures itself(NodeStatus status) {
        return new Figures(status.lastLogIndex(), 0, 0);
    }

    private static void begin(JsonGenerator json, String nodeId, String raftAddress, Optional<String> httpAddress)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("node_id", nodeId);
        json.writeStringField("raft_address", raftAddress);
        json.writeStringField("http_address", httpAddress.orElse(null));
    }

    private static void write(JsonGenerator json, Optional<Figures> figures) throws IOException {
        write(json, "match_index", figures.map(Figures::match));
        write(json, "lag_entries", figures.map(Figures::lag));
        write(json, "last_contact_ms", figures.map(Figures::contact));
    }

    private static void write(JsonGenerator json, String name, Optional<Long> number) throws IOException {
        if (number.isPresent()) {
            json.writeNumberField(name, number.get());
        } else {
            json.writeStringField(name, UNKNOWN);
        }
    }
}
