package dev.raftkv.rest.consul.about;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.config.NodeConfig.Consul;
import dev.raftkv.json.Json;
import dev.raftkv.kv.KvService;
import dev.raftkv.model.Address;
import dev.raftkv.model.Member;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.rest.consul.ConsulReads;
import dev.raftkv.rest.consul.Shown;
import dev.raftkv.rest.consul.text.ConsulQuery;
import dev.raftkv.rest.consul.text.EntryText;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Operation;
import dev.raftkv.rest.http.Operation.Effect;
import dev.raftkv.rest.request.Request;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** The cluster as clients of Consul see it: one data center of servers, and no services. Each node tells what it knows itself. */
public final class Datacenter {
    private static final String PRETTY = "pretty";

    /** Of Consul: the last one of those that its clients know what to expect of. */
    private static final String VERSION = "1.20.0";

    private static final String BUILT = "2024-10-14T00:00:00Z";
    private static final int ALIVE = 1;

    private final KvService kv;
    private final ConsulReads reads;
    private final Consul settings;

    public Datacenter(KvService kv, ConsulReads reads, Consul settings) {
        this.kv = kv;
        this.reads = reads;
        this.settings = settings;
    }

    public List<Operation> all() {
        return List.of(
                told("status/leader", json -> json.writeString(leader())),
                told("status/peers", this::peers),
                told("agent/self", this::self),
                told("agent/members", this::members),
                told("agent/services", Datacenter::noObject),
                told("agent/checks", Datacenter::noObject),
                told("catalog/datacenters", json -> {
                    json.writeStartArray();
                    json.writeString(settings.datacenter());
                    json.writeEndArray();
                }),
                nothing("catalog/services", Datacenter::noObject),
                nothing("catalog/nodes", Datacenter::noArray),
                nothing("catalog/service/{name}", Datacenter::noArray),
                nothing("health/service/{name}", Datacenter::noArray),
                nothing("health/node/{name}", Datacenter::noArray),
                nothing("health/checks/{name}", Datacenter::noArray),
                nothing("health/state/{name}", Datacenter::noArray));
    }

    private static Operation operation(String route, Function<Request, CompletionStage<Answer>> function) {
        return new Operation("GET", "v1/" + route, List.of(), Effect.READS, function).ofAnotherInterface();
    }

    private static Operation told(String route, Json.Content content) {
        return operation(
                route,
                request -> CompletableFuture.completedFuture(
                        answer(content, ConsulQuery.of(request.rawQuery()).flag(PRETTY))));
    }

    private static Answer answer(Json.Content content, boolean pretty) {
        return Answer.of(200, EntryText.JSON, EntryText.bytes(pretty, content));
    }

    /** What nothing ever happens to: whoever waits for news does so until his time is over. */
    private Operation nothing(String route, Json.Content content) {
        return operation(route, request -> {
            ConsulQuery query = ConsulQuery.of(request.rawQuery());
            return reads.ofOwnKnowledge(query, Shown.at(1, () -> answer(content, query.flag(PRETTY))));
        });
    }

    private static void noObject(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeEndObject();
    }

    private static void noArray(JsonGenerator json) throws IOException {
        json.writeStartArray();
        json.writeEndArray();
    }

    private String leader() {
        NodeStatus status = kv.status();
        return status.members().stream()
                .filter(member -> status.leaderId().equals(Optional.of(member.nodeId())))
                .findFirst()
                .map(member -> member.raftAddress().toString())
                .orElse("");
    }

    private void peers(JsonGenerator json) throws IOException {
        json.writeStartArray();
        for (Member member : kv.status().members()) {
            json.writeString(member.raftAddress().toString());
        }
        json.writeEndArray();
    }

    /** Patroni looks up here how short a session may be; other clients take it amiss if one of the members is missing. */
    private void self(JsonGenerator json) throws IOException {
        NodeStatus status = kv.status();
        json.writeStartObject();
        json.writeObjectFieldStart("Config");
        json.writeStringField("Datacenter", settings.datacenter());
        json.writeStringField("PrimaryDatacenter", settings.datacenter());
        json.writeStringField("NodeName", status.nodeId());
        json.writeStringField("NodeID", "");
        json.writeStringField("Revision", "");
        json.writeBooleanField("Server", true);
        json.writeStringField("Version", VERSION);
        json.writeStringField("BuildDate", BUILT);
        json.writeNumberField("SessionTTLMin", settings.minTtl().toNanos());
        json.writeEndObject();
        empty(json, "DebugConfig");
        json.writeNullField("Coord");
        json.writeFieldName("Member");
        write(json, status.nodeId(), status.identity().raftAddress());
        empty(json, "Stats");
        empty(json, "Meta");
        json.writeEndObject();
    }

    private static void empty(JsonGenerator json, String name) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeEndObject();
    }

    private void members(JsonGenerator json) throws IOException {
        json.writeStartArray();
        for (Member member : kv.status().members()) {
            write(json, member.nodeId(), member.raftAddress());
        }
        json.writeEndArray();
    }

    private static void write(JsonGenerator json, String name, Address address) throws IOException {
        json.writeStartObject();
        json.writeStringField("Name", name);
        json.writeStringField("Addr", address.host());
        json.writeNumberField("Port", address.port());
        empty(json, "Tags");
        json.writeNumberField("Status", ALIVE);
        json.writeNumberField("ProtocolMin", 1);
        json.writeNumberField("ProtocolMax", 5);
        json.writeNumberField("ProtocolCur", 2);
        json.writeNumberField("DelegateMin", 2);
        json.writeNumberField("DelegateMax", 5);
        json.writeNumberField("DelegateCur", 4);
        json.writeEndObject();
    }
}
