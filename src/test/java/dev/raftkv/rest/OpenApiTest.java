package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.raftkv.access.UserRole;
import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.rest.OpenApi.Operation;
import dev.raftkv.rest.RestServer.Way;
import dev.raftkv.rest.request.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** openapi.json as a document: valid, complete, and about the routes and parameters that there are. */
class OpenApiTest {
    /** It describes itself, and lies beside the API. */
    private static final String ITSELF = "/openapi.json";

    private static final Pattern KNOWN =
            Pattern.compile("unknown query parameter \\\\\"zz\\\\\": this request knows ([^\"]*)\"");
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private static Path directory;

    private static OpenApi api;
    private static RestServer server;
    private static RestServer watch;

    @BeforeAll
    static void start() throws IOException {
        api = new OpenApi();
        server = new RestServer(directory.resolve("store"), "/kv", FollowerWrites.REDIRECT, Way.SHORTCUT);
        watch = new RestServer(directory.resolve("watch"), "/kv", FollowerWrites.REDIRECT, Way.SHORTCUT);
    }

    @AfterAll
    static void stop() {
        server.close();
        watch.close();
    }

    @Test
    void isValidOpenApi31() throws IOException {
        try (InputStream schema = OpenApiTest.class.getResourceAsStream("/openapi/schema-3.1.json")) {
            SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
            assertEquals(List.of(), registry.getSchema(schema).validate(api.document()));
            JsonNode broken = api.document().deepCopy();
            ((ObjectNode) broken.path("info")).remove("title");
            try (InputStream again = OpenApiTest.class.getResourceAsStream("/openapi/schema-3.1.json")) {
                assertFalse(registry.getSchema(again).validate(broken).isEmpty());
            }
        }
    }

    /** Each operation says by which schemes, and in which role; without them where everybody may do everything. */
    @Test
    void saysWhichRoleAnOperationAsksFor() {
        Map<String, Set<String>> table = new TreeMap<>();
        for (dev.raftkv.rest.http.Operation operation : server.api().operations()) {
            table.computeIfAbsent(operation.method() + " " + operation.path(), name -> new TreeSet<>())
                    .add(operation.role().map(UserRole::text).orElse("none"));
        }
        for (Operation operation : api.operations()) {
            JsonNode described = api.document().at(operation.pointer());
            Set<String> roles = table.getOrDefault(operation.toString(), Set.of("none"));
            String role = described.path("x-raftkv-role").asText();
            assertEquals(roles.contains("none") ? "none" : String.join(", ", roles), role, operation::toString);
            Set<String> schemes = new TreeSet<>();
            for (JsonNode choice : described.path("security")) {
                OpenApi.names(choice).forEach(scheme -> {
                    schemes.add(scheme);
                    assertTrue(roles.contains(choice.path(scheme).path(0).asText()), operation::toString);
                });
            }
            boolean forSome = !roles.equals(Set.of("none"));
            assertEquals(
                    forSome ? OpenApi.names(api.document().at("/components/securitySchemes")) : Set.of(),
                    schemes,
                    operation::toString);
            assertEquals(forSome, described.path("responses").has("401"), operation::toString);
        }
    }

    @Test
    void everySchemaIsValid() {
        SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
        for (JsonNode place : api.document().findValues("schema")) {
            assertSchema(registry, place);
        }
        api.document().at("/components/schemas").forEach(schema -> assertSchema(registry, schema));
    }

    private static void assertSchema(SchemaRegistry registry, JsonNode schema) {
        SchemaLocation meta = SchemaLocation.of("https://json-schema.org/draft/2020-12/schema");
        assertEquals(List.of(), registry.getSchema(meta).validate(schema), schema::toString);
    }

    @Test
    void everyReferenceLeadsSomewhereAndNothingIsUnused() {
        Set<String> used = new HashSet<>();
        for (JsonNode reference : api.document().findValues("$ref")) {
            String pointer = reference.asText().substring(1);
            assertFalse(api.document().at(pointer).isMissingNode(), pointer);
            used.add(pointer);
        }
        for (String kind : OpenApi.names(api.document().path("components"))) {
            for (String name : OpenApi.names(api.document().path("components").path(kind))) {
                assertTrue(
                        kind.equals("securitySchemes") || used.contains("/components/" + kind + "/" + name),
                        kind + " " + name + " is not used");
            }
        }
    }

    @Test
    void everyExampleFitsItsSchema() {
        List<String> places = new ArrayList<>();
        collectMedia(api.document(), "", places);
        assertTrue(places.size() > 30, "places: " + places.size());
        for (String place : places) {
            JsonNode media = api.document().at(place);
            for (JsonNode example : media.path("examples")) {
                api.assertValid(place + "/schema", example.path("value"), "the example at " + place);
            }
        }
    }

    /** Finds what has a schema and examples. */
    private static void collectMedia(JsonNode node, String pointer, List<String> places) {
        if (node.has("schema") && node.has("examples")) {
            places.add(pointer);
        }
        for (String name : OpenApi.names(node)) {
            collectMedia(node.path(name), pointer + "/" + OpenApi.escape(name), places);
        }
    }

    @Test
    void hasTheVersionOfTheBuild() throws IOException {
        Properties build = new Properties();
        try (InputStream file = OpenApiTest.class.getResourceAsStream("/dev/raftkv/ops/build.properties")) {
            build.load(file);
        }
        assertEquals(
                build.getProperty("version"), api.document().at("/info/version").asText());
    }

    @Test
    void operationsHaveNamesOfTheirOwn() {
        Set<String> names = new HashSet<>();
        for (Operation operation : api.operations()) {
            JsonNode described = api.document().at(operation.pointer());
            assertTrue(names.add(described.path("operationId").asText()), operation::toString);
            assertFalse(described.path("summary").asText().isEmpty(), operation::toString);
            assertFalse(described.path("description").asText().isEmpty(), operation::toString);
        }
    }

    /** Each operation of the table with its parameters and whether it takes a body, and no other. */
    @Test
    void isAboutTheTableOfOperations() {
        Map<String, Set<String>> table = new TreeMap<>();
        for (dev.raftkv.rest.http.Operation operation : server.api().operations()) {
            Set<String> parts =
                    table.computeIfAbsent(operation.method() + " " + operation.path(), name -> new TreeSet<>());
            parts.addAll(operation.parameters());
            if (operation.route().contains("{key}")) {
                // The key is in the path, and excludes what else could say which is meant.
                parts.removeAll(Set.of("key", "prefix"));
                parts.add("path: key");
            }
            if (operation.route().contains("{id}")) {
                parts.add("path: id");
            }
            if (operation.maxBody() != 0 && operation.maxBody() != dev.raftkv.rest.http.Operation.REFUSED) {
                parts.add("body");
            }
        }
        Map<String, Set<String>> described = new TreeMap<>();
        for (Operation operation : api.operations()) {
            Set<String> parts = new TreeSet<>(api.parameters(operation, "query"));
            api.parameters(operation, "path").forEach(name -> parts.add("path: " + name));
            if (api.document().at(operation.pointer()).has("requestBody")) {
                parts.add("body");
            }
            described.put(operation.toString(), parts);
        }
        described.remove("GET " + ITSELF);
        assertEquals(table, described);
    }

    @Test
    void hasThePathsThatThereAre() {
        String told = server.http().get("/no/such/path").body();
        Matcher list = Pattern.compile("there are ([^\"]*)\"").matcher(told);
        assertTrue(list.find(), told);
        Set<String> paths = new TreeSet<>(List.of(list.group(1).split(", ")));
        paths.add(ITSELF);
        assertEquals(paths, new TreeSet<>(api.paths()));
    }

    @Test
    void hasTheMethodsThatThereAre() {
        for (String path : api.paths()) {
            if (!path.equals(ITSELF)) {
                String allowed = http(path).send("PATCH", target(path), "").header("allow");
                Set<String> methods = new TreeSet<>(List.of(allowed.split(", ")));
                // Each GET has a HEAD, and OPTIONS tells what this test asks.
                methods.removeAll(List.of("HEAD", "OPTIONS"));
                Set<String> described = new TreeSet<>();
                api.operations().stream()
                        .filter(operation -> operation.path().equals(path))
                        .forEach(operation -> described.add(operation.method()));
                assertEquals(methods, described, path);
            }
        }
    }

    @Test
    void hasTheQueryParametersThatThereAre() {
        for (Operation operation : api.operations()) {
            if (operation.path().equals(ITSELF)) {
                continue;
            }
            Set<String> known = known(operation, target(operation.path()));
            if (operation.path().endsWith("{key}")) {
                // The key is in the path, and excludes what else could say which is meant.
                known.removeAll(Set.of("key", "prefix"));
            }
            if (operation.equals(new Operation("/store", "GET"))) {
                known.addAll(known(operation, "/store?key=k"));
            }
            if (operation.equals(new Operation("/store", "POST"))) {
                known.addAll(known(operation, "/store?add=1"));
                known.addAll(known(operation, "/store?sequence"));
                known.addAll(known(operation, "/store?slots=1"));
            }
            assertEquals(known, new TreeSet<>(api.parameters(operation, "query")), operation::toString);
        }
    }

    /** An unknown parameter is refused with those that are known. */
    private static Set<String> known(Operation operation, String target) {
        String query = target + (target.contains("?") ? "&" : "?") + "zz";
        String refusal =
                http(operation.path()).send(operation.method(), query, "").body();
        Matcher list = KNOWN.matcher(refusal);
        assertTrue(list.find(), () -> operation + " answered " + refusal);
        Set<String> known = new TreeSet<>(List.of(list.group(1).split(", ")));
        known.remove("none");
        return known;
    }

    /** The headers that decide, each at an operation that says it takes it and at the others. */
    @Test
    void hasTheRequestHeadersThatMatter() throws IOException {
        for (Operation operation : api.operations()) {
            boolean takes = api.parameters(operation, "header").contains(Headers.FOLLOWER_WRITES);
            String body = operation.method().startsWith("P") ? body(operation) : "";
            String headers = Headers.FOLLOWER_WRITES
                    + ": nonsense\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n";
            if (!Set.of(ITSELF, "/watch", "/raft/events").contains(operation.path())) {
                String answer = http(operation.path())
                        .send(operation.method(), valid(operation), headers, body.getBytes(UTF_8))
                        .body();
                assertEquals(
                        takes,
                        answer.contains("Raft-Follower-Writes is nonsense: give redirect, forward or reject"),
                        () -> operation + " answered " + answer);
            }
        }
    }

    private static String valid(Operation operation) {
        boolean needsKey =
                operation.path().equals("/store") && !operation.method().equals("POST");
        boolean adds = operation.equals(new Operation("/store/{key}", "POST"));
        return target(operation.path()) + (needsKey ? "?key=k" : adds ? "?add=1" : "");
    }

    private static String body(Operation operation) throws IOException {
        JsonNode examples =
                api.document().at(operation.pointer()).at("/requestBody/content/application~1json/examples");
        return examples.isMissingNode()
                ? ""
                : JSON.writeValueAsString(examples.iterator().next().path("value"));
    }

    private static String target(String path) {
        // A dot, so that the shortcut does not take it, which reads no headers that only a follower needs.
        return path.replace("{key}", ".k").replace("{id}", "8215834f-0ca8-4f9b-bd8c-55fbfb8b0e9f");
    }

    private static RawHttp http(String path) {
        return (path.equals("/watch") ? watch : server).http();
    }
}
