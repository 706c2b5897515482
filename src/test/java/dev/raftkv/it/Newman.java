package dev.raftkv.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.NpmProgram;
import dev.raftkv.testkit.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The program that runs Postman collections without Postman, in the version of {@code src/test/postman}. */
final class Newman {
    private static final Duration RUN_LIMIT = Duration.ofMinutes(4);
    private static final Duration OWN_RUN_LIMIT = Duration.ofMinutes(3);
    private static final Duration REQUEST_LIMIT = Duration.ofSeconds(60);
    private static final Duration SCRIPT_LIMIT = Duration.ofSeconds(10);
    private static final JsonMapper JSON = new JsonMapper();

    private final Path program;

    private Newman(Path program) {
        this.program = program;
    }

    /** Installs it, see {@link NpmProgram}. */
    static Newman install() throws IOException {
        return new Newman(NpmProgram.install("src/test/postman", "newman"));
    }

    /**
     * What became of a run.
     *
     * @param requests the names of those that were sent
     * @param failures a line for each assertion that did not hold, and for each script or request that broke
     */
    record Report(int exit, int assertions, Set<String> requests, List<String> failures) {}

    /**
     * Runs a collection.
     *
     * @param variables of the environment, over those of its file
     * @param folders the names of those to run; none for all
     */
    Report run(Path collection, Path environment, Map<String, String> variables, List<String> folders)
            throws IOException {
        Path directory = Files.createDirectories(Build.directory("newman"));
        Path report = directory.resolve("report.json");
        List<String> words = new ArrayList<>(List.of(program.toString(), "run", collection.toString()));
        words.addAll(List.of("--environment", environment.toString()));
        variables.forEach((name, value) -> words.addAll(List.of("--env-var", name + "=" + value)));
        folders.forEach(folder -> words.addAll(List.of("--folder", folder)));
        words.addAll(List.of("--timeout", "" + OWN_RUN_LIMIT.toMillis()));
        words.addAll(List.of("--timeout-request", "" + REQUEST_LIMIT.toMillis()));
        words.addAll(List.of("--timeout-script", "" + SCRIPT_LIMIT.toMillis()));
        words.addAll(List.of("--color", "off", "--reporters", "cli,json"));
        words.addAll(List.of("--reporter-json-export", report.toString()));
        Tool.Result result = Tool.run(RUN_LIMIT, directory, "", words);
        Files.writeString(directory.resolve("newman.log"), result.output());
        if (!Files.exists(report)) {
            throw new IOException("newman has written no report, but this:\n" + result.output());
        }
        return report(result.exit(), JSON.readTree(report.toFile()).path("run"));
    }

    private static Report report(int exit, JsonNode run) {
        Set<String> requests = new TreeSet<>();
        for (JsonNode execution : run.path("executions")) {
            requests.add(execution.path("item").path("name").asText());
        }
        List<String> failures = new ArrayList<>();
        for (JsonNode failure : run.path("failures")) {
            JsonNode error = failure.path("error");
            failures.add(failure.path("parent").path("name").asText() + " / "
                    + failure.path("source").path("name").asText() + ": "
                    + error.path("test").asText(error.path("name").asText()) + ": "
                    + error.path("message").asText());
        }
        int assertions = run.path("stats").path("assertions").path("total").asInt();
        return new Report(exit, assertions, requests, failures);
    }
}
