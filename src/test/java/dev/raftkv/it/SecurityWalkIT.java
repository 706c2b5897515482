package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The commands of README's section on security, run by a shell as they stand; only the ports are those of the test. */
final class SecurityWalkIT {
    private static final String BEGIN = "<!-- security -->";
    private static final String END = "<!-- /security -->";
    private static final Pattern STATUS = Pattern.compile("(?m)^status ([0-9]+)$");

    /** Ends the nodes with the shell that started them, and waits for them. */
    private static final String BEFORE = """
            set -eu
            end() { trap - EXIT; kill $(cat pids) || true; wait; }
            trap end EXIT
            """;

    @Test
    void fromNothingToThreeNodesWithTlsAndRoles() throws Exception {
        for (String program : List.of("sh", "curl", "openssl")) {
            assumeTrue(Tool.isInstalled(program), () -> "not installed: " + program);
        }
        Path directory = Build.directory("security-walk");
        Files.createDirectories(directory.resolve("target"));
        Files.createSymbolicLink(directory.resolve("target").resolve("raftkv.war"), Build.war());
        Files.writeString(
                directory.resolve(".curlrc"),
                "silent\nshow-error\nmax-time = 20\nwrite-out = \"\\nstatus %{http_code}\\n\"\n");

        String output = run(directory);

        List<String> statuses =
                STATUS.matcher(output).results().map(result -> result.group(1)).toList();
        // The first are of those who waited for the nodes.
        assertEquals(
                List.of("200", "200", "200", "403", "401", "200"),
                statuses.subList(Math.max(0, statuses.size() - 6), statuses.size()),
                output);
        assertTrue(output.contains("{\"key\":\"key\",\"value\":\"value\"}"), output);
        assertTrue(output.contains("\"num_peers\":2"), output);
        // Whoever reads the nodes' files does not learn a token.
        String token = Files.readAllLines(directory.resolve("secure/ada")).stream()
                .reduce((before, line) -> line)
                .orElseThrow();
        assertTrue(token.length() > 20, token);
        assertEquals(-1, Files.readString(directory.resolve("secure/tokens")).indexOf(token));
        for (int node = 1; node <= 3; node++) {
            String log = Files.readString(directory.resolve("secure/node" + node + ".log"));
            assertEquals(-1, log.indexOf(token));
            assertTrue(log.strip().endsWith(" stopped"), log);
        }
        for (String secret : List.of("tokens", "secret", "ada", "node1/key.pem")) {
            String rights = PosixFilePermissions.toString(
                    Files.getPosixFilePermissions(directory.resolve("secure").resolve(secret)));
            assertEquals("rw-------", rights, secret);
        }
    }

    /** The indented lines of the section, in order, with three HTTP ports that differ in their last digit as there. */
    private static String script() throws IOException {
        String readme = Files.readString(Build.source("README.md"));
        String commands = readme.substring(readme.indexOf(BEGIN), readme.indexOf(END))
                .lines()
                .filter(line -> line.startsWith("    "))
                .map(line -> line.substring(4))
                .collect(Collectors.joining("\n"));
        String http = tenPorts();
        String raft = tenPorts();
        while (raft.equals(http)) {
            raft = tenPorts();
        }
        String local = Pattern.compile("\\b222(?=[123$])").matcher(commands).replaceAll(Matcher.quoteReplacement(http));
        local = Pattern.compile("\\b111(?=[123$])").matcher(local).replaceAll(Matcher.quoteReplacement(raft));
        // A shell that is no terminal keeps no list of its jobs for the one that ends it.
        return BEFORE + local.replaceAll("(?m)&$", "& echo \\$! >> pids") + "\n";
    }

    /** The beginning of ports of which those that end with 1, 2 and 3 are free. */
    private static String tenPorts() {
        Random random = new Random();
        while (true) {
            int ten = random.nextInt(1_500, 3_000);
            if (IntStream.of(1, 2, 3).allMatch(last -> FreePorts.isFree(10 * ten + last))) {
                return Integer.toString(ten);
            }
        }
    }

    private static String run(Path directory) throws IOException, InterruptedException {
        Path script = Files.writeString(directory.resolve("walk.sh"), script());
        Path log = directory.resolve("walk.log");
        Files.createFile(directory.resolve("pids"));
        ProcessBuilder builder = new ProcessBuilder("sh", "-x", script.toString())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("RAFT_"));
        builder.environment().put("CURL_HOME", directory.toString());
        builder.environment().put("JDK_JAVA_OPTIONS", Build.SHORT_LIFE);
        Process shell = builder.start();
        try {
            assertTrue(shell.waitFor(180, TimeUnit.SECONDS), () -> "the commands do not end: " + script);
        } finally {
            shell.descendants().forEach(ProcessHandle::destroyForcibly);
            shell.destroyForcibly();
        }
        String output = Files.readString(log);
        assertEquals(0, shell.exitValue(), output);
        return output;
    }
}
