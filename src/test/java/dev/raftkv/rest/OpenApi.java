package dev.raftkv.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The description of the API that nodes serve. Parts of it are named by JSON pointers. */
final class OpenApi {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String ADDRESS = "https://raftkv.test/openapi.json";
    private static final List<String> METHODS = List.of("get", "put", "post", "delete", "patch", "head", "options");

    private final JsonNode document;
    private final SchemaRegistry schemas;

    OpenApi() throws IOException {
        String text = Files.readString(Path.of("src", "main", "webapp", "openapi.json"));
        this.document = JSON.readTree(text);
        this.schemas = SchemaRegistry.withDefaultDialect(
                SpecificationVersion.DRAFT_2020_12, builder -> builder.schemas(Map.of(ADDRESS, text)));
    }

    /** One request that is described. */
    record Operation(String path, String method) {
        String pointer() {
            return "/paths/" + escape(path) + "/" + method.toLowerCase(Locale.ROOT);
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    JsonNode document() {
        return document;
    }

    Set<String> paths() {
        return names(document.path("paths"));
    }

    List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        for (String path : paths()) {
            for (String method : METHODS) {
                if (document.path("paths").path(path).has(method)) {
                    operations.add(new Operation(path, method.toUpperCase(Locale.ROOT)));
                }
            }
        }
        return operations;
    }

    /** The names of the parameters that an operation takes in a place: query, header or path. */
    Set<String> parameters(Operation operation, String place) {
        Set<String> names = new LinkedHashSet<>();
        addParameters(document.at(operation.pointer()), place, names);
        addParameters(document.path("paths").path(operation.path()), place, names);
        return names;
    }

    private void addParameters(JsonNode described, String place, Set<String> names) {
        for (JsonNode reference : described.path("parameters")) {
            JsonNode parameter = resolve(reference);
            if (parameter.path("in").asText().equals(place)) {
                names.add(parameter.path("name").asText());
            }
        }
    }

    /** The statuses that are described, without the default. */
    Set<String> statuses(Operation operation) {
        Set<String> statuses = names(document.at(operation.pointer()).path("responses"));
        statuses.remove("default");
        return statuses;
    }

    /** Checks status, headers and body of a real answer. */
    void assertDescribes(Operation operation, RawHttp.Answer answer) throws IOException {
        String what = operation + " answered " + answer;
        JsonNode responses = document.at(operation.pointer()).path("responses");
        String status = Integer.toString(answer.status());
        assertFalse(responses.path(status).isMissingNode(), what);
        String pointer = target(operation.pointer() + "/responses/" + status);
        JsonNode response = document.at(pointer);
        for (String name : names(response.path("headers"))) {
            String value = answer.header(name.toLowerCase(Locale.ROOT));
            if (value != null) {
                assertValid(target(pointer + "/headers/" + name) + "/schema", header(value), what);
            }
        }
        if (!response.has("content")) {
            assertEquals("", answer.body(), what);
            return;
        }
        String type = answer.header("content-type").replaceAll(";.*", "");
        String media = pointer + "/content/" + escape(type) + "/schema";
        assertFalse(document.at(media).isMissingNode(), what);
        boolean json = type.matches(".*[/+]json");
        assertValid(media, json ? JSON.readTree(answer.body()) : new TextNode(answer.body()), what);
    }

    private static JsonNode header(String value) throws IOException {
        return value.matches("[0-9]+") ? JSON.readTree(value) : new TextNode(value);
    }

    /** Checks a value against the schema at a pointer. */
    void assertValid(String pointer, JsonNode value, String what) {
        List<Error> errors =
                schemas.getSchema(SchemaLocation.of(ADDRESS + "#" + pointer)).validate(value);
        assertEquals(List.of(), errors, () -> what + " does not fit " + pointer);
    }

    void assertValid(String schema, String json) throws IOException {
        assertValid("/components/schemas/" + schema, JSON.readTree(json), json);
    }

    /** Where the reference at a pointer points to, or the same pointer. */
    String target(String pointer) {
        JsonNode reference = document.at(pointer).path("$ref");
        return reference.isMissingNode() ? pointer : reference.asText().substring(1);
    }

    JsonNode resolve(JsonNode node) {
        if (!node.has("$ref")) {
            return node;
        }
        JsonNode target = document.at(node.path("$ref").asText().substring(1));
        assertNotNull(target);
        return target;
    }

    static String escape(String step) {
        return step.replace("~", "~0").replace("/", "~1");
    }

    static Set<String> names(JsonNode object) {
        Set<String> names = new LinkedHashSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
