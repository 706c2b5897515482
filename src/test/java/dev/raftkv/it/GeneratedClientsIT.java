package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.NpmProgram;
import dev.raftkv.testkit.Tool;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that openapi-generator makes of openapi.json compile. */
@Timeout(600)
final class GeneratedClientsIT {
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final Path tools = Build.server("client-generator.directory");

    @Test
    void ofJava() throws IOException {
        Path client = generate("java", "--library=native", "--additional-properties=useJakartaEe=true");
        Path classes = Files.createDirectories(client.resolve("classes"));
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "javac").toString(),
                "-proc:none",
                "-nowarn",
                "-d",
                classes.toString(),
                "-cp",
                libraries()));
        words.addAll(files(client.resolve("src/main"), ".java"));
        assertPasses(client, words);
        assertTrue(
                Files.readString(client.resolve("src/main/java/org/openapitools/client/model/Entry.java"))
                        .contains("Long getChangeRevision()"),
                "a revision outgrows an int");
    }

    @Test
    void ofTypeScript() throws IOException {
        assumeTrue(Tool.isInstalled("npm"), "npm is not installed: apt-get install npm");
        Path client = generate("typescript-fetch");
        Path compiler = NpmProgram.install("src/test/typescript", "tsc");
        assertPasses(
                client,
                List.of(
                        compiler.toString(),
                        "--noEmit",
                        "--strict",
                        "--target",
                        "es2020",
                        "--lib",
                        "es2020,dom",
                        "--module",
                        "commonjs",
                        "index.ts"));
    }

    @Test
    void ofPython() throws IOException {
        assumeTrue(Tool.isInstalled("python3"), "python3 is not installed: apt-get install python3");
        Path client = generate("python");
        assertPasses(client, List.of("python3", "-m", "compileall", "-q", "."));
    }

    private Path generate(String language, String... options) throws IOException {
        Path client = Files.createDirectories(Build.directory("client-" + language));
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                tools.resolve("generator.jar").toString(),
                "generate",
                "-i",
                Build.source("src/main/webapp/openapi.json").toString(),
                "-g",
                language,
                "-o",
                client.toString()));
        words.addAll(List.of(options));
        assertPasses(client, words);
        return client;
    }

    /** The few that the client needs beside those that the tests have. */
    private String libraries() throws IOException {
        try (Stream<Path> jars = Files.list(tools)) {
            String own = jars.filter(jar -> !jar.endsWith("generator.jar"))
                    .map(Path::toString)
                    .collect(Collectors.joining(File.pathSeparator));
            return own + File.pathSeparator + System.getProperty("java.class.path");
        }
    }

    private static List<String> files(Path directory, String end) throws IOException {
        try (Stream<Path> walk = Files.walk(directory)) {
            return walk.map(Path::toString).filter(file -> file.endsWith(end)).toList();
        }
    }

    private static void assertPasses(Path directory, List<String> words) throws IOException {
        Tool.Result result = Tool.run(LIMIT, directory, "", words);
        assertEquals(0, result.exit(), result::output);
    }
}
