package dev.raftkv.rest.cluster;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.access.UserRole;
import dev.raftkv.ops.Exposition;
import dev.raftkv.ops.Health;
import dev.raftkv.ops.Health.Check;
import dev.raftkv.ops.Metrics;
import dev.raftkv.ops.Source;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Answers;
import dev.raftkv.rest.http.Operation;
import dev.raftkv.rest.http.Operation.Effect;
import dev.raftkv.rest.request.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** What operators and their tools ask: health and metrics. */
public final class HealthOperations {
    private static final String VERBOSE = "verbose";
    private static final String LIVE = "health/live";
    private static final String READY = "health/ready";

    private final Health health;
    private final Supplier<CompletableFuture<String>> reach;
    private final Metrics metrics;
    private final Source http;

    /**
     * @param reach says how many members are reached; see {@link Reach#told}
     * @param http the metrics of the HTTP API
     */
    public HealthOperations(Health health, Supplier<CompletableFuture<String>> reach, Metrics metrics, Source http) {
        this.health = health;
        this.reach = reach;
        this.metrics = metrics;
        this.http = http;
    }

    public List<Operation> all() {
        return List.of(
                forAll(LIVE, this::live),
                verbose(LIVE, this::live),
                forAll(READY, this::ready),
                verbose(READY, this::ready),
                new Operation("GET", "metrics", List.of(), Effect.OPERATIONAL, this::metrics)
                        .askingFor(UserRole.METRICS));
    }

    /** What probes ask, which have no credentials. */
    private static Operation forAll(String route, Function<Request, CompletionStage<Answer>> function) {
        return new Operation("GET", route, List.of(VERBOSE), Effect.OPERATIONAL, function).openToAll();
    }

    private static Operation verbose(String route, Function<Request, CompletionStage<Answer>> function) {
        return new Operation("GET", route, List.of(VERBOSE), Effect.OPERATIONAL, function)
                .chosenBy(VERBOSE)
                .askingFor(UserRole.METRICS);
    }

    private CompletionStage<Answer> live(Request request) {
        return CompletableFuture.completedFuture(answer("live", health.live(), request));
    }

    private CompletionStage<Answer> ready(Request request) {
        Health.Report report = health.ready();
        return report.knowsLeader()
                ? CompletableFuture.completedFuture(answer("ready", report, request))
                : reach.get().thenApply(told -> answer("ready", report.withoutLeader(told), request));
    }

    private static Answer answer(String what, Health.Report report, Request request) {
        boolean verbose = request.query().flag(VERBOSE);
        List<Check> shown = verbose ? report.checks() : report.failed();
        if (report.passed()) {
            return Answers.ok(json -> {
                json.writeStringField("message", "this node is " + what);
                if (verbose) {
                    write(json, shown);
                }
            });
        }
        if (!request.caller().may(UserRole.METRICS)) {
            return Answers.problem(503, "this node is not " + what);
        }
        String reasons = report.failed().stream()
                .map(check -> check.problem().orElseThrow())
                .collect(Collectors.joining("; "));
        return Answers.problem(503, "this node is not " + what + ": " + reasons, json -> write(json, shown));
    }

    private static void write(JsonGenerator json, List<Check> checks) throws IOException {
        json.writeArrayFieldStart("checks");
        for (Check check : checks) {
            json.writeStartObject();
            json.writeStringField("check", check.name());
            json.writeBooleanField("passed", check.passed());
            if (!check.passed()) {
                json.writeStringField("reason", check.problem().orElseThrow());
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private CompletionStage<Answer> metrics(Request request) {
        return CompletableFuture.completedFuture(
                Answer.of(200, Exposition.CONTENT_TYPE, metrics.text(http).getBytes(StandardCharsets.UTF_8)));
    }
}
