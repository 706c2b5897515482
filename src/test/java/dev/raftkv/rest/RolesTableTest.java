package dev.raftkv.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.access.UserRole;
import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.rest.RestServer.Way;
import dev.raftkv.rest.http.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of roles in the README is that of the operations; RolesIT takes it from there to ask real servers. */
class RolesTableTest {
    private static final String BEGIN = "<!-- roles -->\n";
    private static final String END = "<!-- /roles -->\n";

    @TempDir
    private Path directory;

    @Test
    void readmeShowsTheRolesAsTheyAre() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        int begin = readme.indexOf(BEGIN) + BEGIN.length();
        try (RestServer server = new RestServer(directory, "/kv", FollowerWrites.REDIRECT, Way.JERSEY)) {
            assertEquals(table(server.api().operations()), readme.substring(begin, readme.indexOf(END)));
        }
    }

    private static String table(List<Operation> operations) {
        return Stream.concat(
                        Stream.of(Optional.<UserRole>empty()),
                        Arrays.stream(UserRole.values()).map(Optional::of))
                .map(role -> row(role, operations))
                .collect(Collectors.joining("", "| role | may |\n|---|---|\n", ""));
    }

    private static String row(Optional<UserRole> role, List<Operation> operations) {
        String requests = operations.stream()
                .filter(operation -> operation.role().equals(role)
                        || operation.forNodes() && role.equals(Optional.of(UserRole.NODE)))
                .map(RolesTableTest::request)
                .distinct()
                .collect(Collectors.joining(", "));
        return "| %s | %s |\n"
                .formatted(role.map(some -> "`" + some.text() + "`").orElse("none"), requests);
    }

    private static String request(Operation operation) {
        // What a parameter chooses asks for another role only where that is told.
        boolean verbose = operation.chosenBy().equals("verbose");
        return "`" + operation.method() + " " + operation.path() + (verbose ? "?verbose" : "") + "`";
    }
}
