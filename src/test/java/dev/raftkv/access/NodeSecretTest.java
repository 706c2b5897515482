package dev.raftkv.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.StartException;
import dev.raftkv.testkit.LogLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeSecretTest {
    private static final String ONE = "1".repeat(32);
    private static final String TWO = "2".repeat(40);

    @TempDir
    private Path directory;

    private Path file;
    private long now;

    @BeforeEach
    void make() throws IOException {
        file = write("secret", ONE + "\n", "rw-------");
    }

    private Path write(String name, String text, String permissions) throws IOException {
        Path written = directory.resolve(name);
        Files.writeString(written, text);
        return Files.setPosixFilePermissions(written, PosixFilePermissions.fromString(permissions));
    }

    /** As those do it who write a whole file, or none. */
    private void replace(String text, String permissions) throws IOException {
        Files.move(write("new", text, permissions), file, StandardCopyOption.REPLACE_EXISTING);
        now += TimeUnit.SECONDS.toNanos(2);
    }

    private static List<String> texts(NodeSecret secret) {
        return secret.keys().stream()
                .map(key -> new String(key.getEncoded(), StandardCharsets.UTF_8))
                .toList();
    }

    private static String refusal(Path path) {
        return assertThrows(StartException.class, () -> NodeSecret.open(path)).getMessage();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "r--------", "r--r-----"})
    void aFileOfItsOwnerIsRead(String permissions) throws IOException {
        assertEquals(List.of(ONE), texts(NodeSecret.open(write("own", "\n  " + ONE + " \r\n\n", permissions))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw----r--", "rw-----w-", "rw--w----", "rw-rw-rw-"})
    void aFileOfOthersIsRefused(String permissions) throws IOException {
        assertEquals(
                "RAFT_NODE_SECRET: " + file + " may be read or changed by others (" + permissions
                        + "): take that from them by chmod 600",
                refusal(write("secret", ONE, permissions)));
    }

    @Test
    void whatIsNoSecretIsRefusedWithAReason() throws IOException {
        Path missing = directory.resolve("missing");
        assertEquals(
                "RAFT_NODE_SECRET: " + missing + " is missing: give the file with the secret that all nodes share",
                refusal(missing));
        assertTrue(refusal(directory).contains("RAFT_NODE_SECRET: " + directory));
        assertTrue(refusal(write("short", "  " + "x".repeat(31) + "  ", "rw-------"))
                .endsWith("holds a secret of 31 bytes, and it takes at least 32: make one by openssl rand -hex 32"));
        String lines = " has to hold a secret in one line, and perhaps another one in a second";
        assertTrue(refusal(write("empty", " \n\n", "rw-------")).endsWith(lines));
        assertTrue(refusal(write("many", (ONE + "\n").repeat(3), "rw-------")).endsWith(lines));
        assertTrue(refusal(write("long", "x".repeat(5000), "rw-------"))
                .endsWith(" has more than 4096 bytes: give the file with the secret that all nodes share"));
    }

    @Test
    void whoOpensTheFileToOthersIsTold() throws IOException {
        NodeSecret secret = NodeSecret.open(file, () -> now);
        try (LogLines log = LogLines.of(PrivateFile.class)) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            for (int look = 0; look < 3; look++) {
                now += TimeUnit.SECONDS.toNanos(2);
                assertEquals(List.of(ONE), texts(secret));
            }
            assertEquals(
                    List.of("WARNING this node goes on with what it has read before: RAFT_NODE_SECRET: " + file
                            + " may be read or changed by others (rw-r--r--): take that from them by chmod 600"),
                    log.all());
        }
    }

    @Test
    void aChangedFileIsReadAgainAndABadOneIsNot() throws IOException {
        NodeSecret secret = NodeSecret.open(file, () -> now);
        replace(TWO + "\n" + ONE, "rw-------");
        assertEquals(List.of(TWO, ONE), texts(secret));

        replace("short", "rw-------");
        assertEquals(List.of(TWO, ONE), texts(secret));
        replace(ONE, "rw-r--r--");
        assertEquals(List.of(TWO, ONE), texts(secret));
        Files.delete(file);
        now += TimeUnit.SECONDS.toNanos(2);
        assertEquals(List.of(TWO, ONE), texts(secret));

        replace(ONE, "rw-r--r--");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertEquals(List.of(ONE), texts(secret));
    }
}
