package dev.raftkv.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** What newman would not complain of. That the requests get the answers which they want is PostmanIT's to say. */
final class PostmanFilesTest {
    private static final Path POSTMAN = Path.of("deploy", "postman");
    private static final Path COLLECTION = POSTMAN.resolve("raftkv.postman_collection.json");
    private static final Path ENVIRONMENT = POSTMAN.resolve("three-nodes.postman_environment.json");
    private static final String USES = "\\{\\{([^}]+)\\}\\}|pm\\.variables\\.get\\(\\\\\"([a-z0-9_]+)\\\\\"\\)";

    @Test
    void eachRequestIsDescribedAndTestedUnderANameOfItsOwn() throws IOException {
        JsonNode collection = json(COLLECTION);
        assertEquals(
                "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
                collection.path("info").path("schema").asText());
        List<JsonNode> requests = requests(collection.path("item"));
        assertTrue(requests.size() > 100, () -> requests.size() + " requests");
        Set<String> names = new HashSet<>();
        for (JsonNode item : requests) {
            String name = item.path("name").asText();
            // A request that is asked again is found by its name.
            assertTrue(names.add(name), name);
            assertFalse(item.path("request").path("description").asText().isBlank(), name);
            assertTrue(script(item, "test").contains("pm.test("), name);
        }
    }

    @Test
    void noRequestIsAskedAgainWithoutEnd() throws IOException {
        int again = 0;
        for (JsonNode item : requests(json(COLLECTION).path("item"))) {
            String test = script(item, "test");
            if (test.contains("setNextRequest")) {
                again++;
                assertTrue(test.contains("tries < 80"), item.path("name")::asText);
                assertTrue(test.contains("set(\"tries\", tries + 1)"), item.path("name")::asText);
            }
        }
        assertTrue(again > 0);
    }

    @Test
    void eachVariableIsDefinedAndNoNodeIsWrittenIntoTheCollection() throws IOException {
        String text = Files.readString(COLLECTION);
        Set<String> used = new TreeSet<>();
        Pattern.compile(USES)
                .matcher(text)
                .results()
                .forEach(use -> used.add(use.group(1) == null ? use.group(2) : use.group(1)));
        Set<String> defined = keys(json(ENVIRONMENT).path("values"));
        assertEquals(9, defined.size(), defined::toString);
        assertTrue(used.containsAll(defined), () -> "used are " + used);
        defined.addAll(keys(json(COLLECTION).path("variable")));
        // Postman's own.
        defined.add("$guid");
        used.removeAll(defined);
        assertEquals(Set.of(), used);

        assertFalse(text.matches("(?s).*[\"']node_?[0-9]\\\\?[\"'].*"), "an id is fixed");
        assertFalse(
                text.contains("localhost") || text.contains(":222") || text.contains(":111"), "an address is fixed");
    }

    @Test
    void theEnvironmentIsTheClusterOfTheReadme() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        JsonNode values = json(ENVIRONMENT).path("values");
        for (int node = 1; node <= 3; node++) {
            String row = "| " + value(values, "node" + node + "_id") + " | " + value(values, "node" + node + "_url")
                    + " | " + value(values, "node" + node + "_raft") + " |";
            assertTrue(readme.contains(row), row);
        }
    }

    @Test
    void theReadmeRunsTheNewmanOfTheTests() throws IOException {
        String version = json(Path.of("src", "test", "postman", "package.json"))
                .path("dependencies")
                .path("newman")
                .asText();
        assertTrue(version.matches("[0-9]+\\.[0-9]+\\.[0-9]+"), version);
        String readme = Files.readString(POSTMAN.resolve("README.md"));
        assertTrue(readme.contains(" newman@" + version + " run "), version);
        for (Path file : List.of(COLLECTION, ENVIRONMENT)) {
            assertTrue(readme.contains(" " + file.toString().replace('\\', '/')), file::toString);
        }
    }

    private static JsonNode json(Path file) throws IOException {
        return new JsonMapper().readTree(file.toFile());
    }

    private static List<JsonNode> requests(JsonNode items) {
        List<JsonNode> requests = new ArrayList<>();
        for (JsonNode item : items) {
            if (item.has("item")) {
                requests.addAll(requests(item.path("item")));
            } else {
                requests.add(item);
            }
        }
        return requests;
    }

    private static String script(JsonNode item, String kind) {
        StringBuilder script = new StringBuilder();
        for (JsonNode event : item.path("event")) {
            if (event.path("listen").asText().equals(kind)) {
                event.path("script")
                        .path("exec")
                        .forEach(line -> script.append(line.asText()).append('\n'));
            }
        }
        return script.toString();
    }

    private static Set<String> keys(JsonNode variables) {
        Set<String> keys = new TreeSet<>();
        variables.forEach(variable -> keys.add(variable.path("key").asText()));
        return keys;
    }

    private static String value(JsonNode variables, String key) {
        return StreamSupport.stream(variables.spliterator(), false)
                .filter(variable -> variable.path("key").asText().equals(key))
                .map(variable -> variable.path("value").asText())
                .findFirst()
                .orElseThrow();
    }
}
