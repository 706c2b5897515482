package dev.raftkv.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.raftkv.model.StartException;
import dev.raftkv.testkit.Eventually;
import dev.raftkv.testkit.LogLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenFileTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final byte[] ABC = "abc".getBytes(UTF_8);
    private static final String LINE =
            "alice:reader:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n";

    @TempDir
    private Path directory;

    private Path path;

    @BeforeEach
    void write() throws IOException {
        path = directory.resolve("tokens");
        Files.writeString(path, LINE);
        allow("rw-r-----");
    }

    private void allow(String permissions) throws IOException {
        assumeTrue(
                path.getFileSystem().supportedFileAttributeViews().contains("posix"), "files have no permissions here");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    @Test
    void aChangeIsSeenAndAMistakeIsNot() throws IOException {
        TokenFile file = TokenFile.open(path);
        assertEquals("alice", file.tokens().byToken(ABC).orElseThrow().name());
        Files.writeString(path, LINE.replace("alice", "bob"));
        Eventually.eventually(
                SOON,
                () -> assertEquals(
                        "bob", file.tokens().byToken(ABC).orElseThrow().name()));
        try (LogLines log = LogLines.of(PrivateFile.class)) {
            Files.writeString(path, "bob:root:certificate");
            Eventually.eventually(SOON, () -> {
                file.tokens();
                assertEquals(
                        1,
                        log.all().stream()
                                .filter(line -> line.contains("line 1: the second column has a word that is no role"))
                                .count());
            });
            assertEquals("bob", file.tokens().byToken(ABC).orElseThrow().name());
        }
        Files.delete(path);
        Files.writeString(path, LINE.replace("alice", "carol"));
        allow("rw-------");
        Eventually.eventually(
                SOON,
                () -> assertEquals(
                        "carol", file.tokens().byToken(ABC).orElseThrow().name()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-rw----", "rw----r--", "rw-----w-"})
    void aFileThatOthersMayReadOrWriteIsRefused(String permissions) throws IOException {
        allow(permissions);
        StartException refused = assertThrows(StartException.class, () -> TokenFile.open(path));
        assertEquals(
                "RAFT_AUTH: " + path + " may be read or changed by others (" + permissions
                        + "): take that from them by chmod 600",
                refused.getMessage());
    }

    @Test
    void whatCannotBeReadIsTold() throws IOException {
        Files.write(path, new byte[] {'#', (byte) 0xff, '\n'});
        assertTrue(assertThrows(StartException.class, () -> TokenFile.open(path))
                .getMessage()
                .contains("not UTF-8"));
        Files.writeString(path, "# nobody");
        assertTrue(assertThrows(StartException.class, () -> TokenFile.open(path))
                .getMessage()
                .contains("names nobody"));
        Files.delete(path);
        assertTrue(assertThrows(StartException.class, () -> TokenFile.open(path))
                .getMessage()
                .startsWith("RAFT_AUTH: " + path + " is missing: give the file of tokens"));
    }
}
