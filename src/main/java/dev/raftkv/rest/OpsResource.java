package dev.raftkv.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.ops.Exposition;
import dev.raftkv.ops.Health;
import dev.raftkv.ops.Health.Check;
import dev.raftkv.ops.Metrics;
import dev.raftkv.ops.Source;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** What operators and their tools ask: health and metrics. */
final class OpsResource {
    private static final String VERBOSE = "verbose";

    private final Health health;
    private final Supplier<CompletableFuture<String>> reach;
    private final Metrics metrics;
    private final Source http;

    /**
     * @param reach says how many members are reached; see {@link Reach#told}
     * @param http the metrics of the HTTP API
     */
    OpsResource(Health health, Supplier<CompletableFuture<String>> reach, Metrics metrics, Source http) {
        this.health = health;
        this.reach = reach;
        this.metrics = metrics;
        this.http = http;
    }

    Response live(ContainerRequestContext request) {
        return answer("live", health.live(), request);
    }

    CompletableFuture<Response> ready(ContainerRequestContext request) {
        Health.Report report = health.ready();
        return report.knowsLeader()
                ? CompletableFuture.completedFuture(answer("ready", report, request))
                : reach.get().thenApply(told -> answer("ready", report.withoutLeader(told), request));
    }

    private static Response answer(String what, Health.Report report, ContainerRequestContext request) {
        boolean verbose = QueryParameters.of(request.getUriInfo(), VERBOSE).flag(VERBOSE);
        List<Check> shown = verbose ? report.checks() : report.failed();
        if (report.passed()) {
            return Answers.ok(Json.line(json -> {
                json.writeStringField("message", "this node is " + what);
                if (verbose) {
                    write(json, shown);
                }
            }));
        }
        String reasons = report.failed().stream()
                .map(check -> check.problem().orElseThrow())
                .collect(Collectors.joining("; "));
        return Answers.problem(503, "this node is not " + what + ": " + reasons, json -> write(json, shown))
                .build();
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

    Response metrics(ContainerRequestContext request) {
        QueryParameters.of(request.getUriInfo());
        byte[] text = metrics.text(http).getBytes(StandardCharsets.UTF_8);
        return Response.ok(text)
                .header(HttpHeaders.CONTENT_TYPE, Exposition.CONTENT_TYPE)
                .header(HttpHeaders.CONTENT_LENGTH, text.length)
                .build();
    }
}
