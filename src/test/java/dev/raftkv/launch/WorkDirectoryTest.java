package dev.raftkv.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WorkDirectoryTest {
    @TempDir
    private Path parent;

    @Test
    void isForThisUserAndGoneAtTheEnd() throws IOException {
        Path path;
        try (WorkDirectory directory = WorkDirectory.create(parent)) {
            path = directory.path();
            assertEquals(PosixFilePermissions.fromString("rwx------"), Files.getPosixFilePermissions(path));
            Files.createDirectories(path.resolve("a").resolve("b"));
            Files.writeString(path.resolve("a").resolve("b").resolve("c"), "d");
        }
        assertFalse(Files.exists(path));
        assertTrue(Files.exists(parent));
    }

    @Test
    void whatAKilledLaunchHasLeftIsDeletedAndNothingElse() throws IOException {
        Path kept = Files.createDirectory(parent.resolve("kept"));
        Path abandoned = old("raftkv-launch-1");
        Path starting = Files.createDirectory(parent.resolve("raftkv-launch-2"));
        Path other = old("raftkv-4");
        Path link = Files.createSymbolicLink(parent.resolve("raftkv-launch-3"), kept);
        Path insideLink = Files.createSymbolicLink(abandoned.resolve("link"), kept);
        Files.writeString(kept.resolve("file"), "text");
        age(abandoned);

        try (WorkDirectory directory = WorkDirectory.create(parent)) {
            directory.deleteAbandoned();
            assertTrue(Files.exists(directory.path()));
        }
        assertFalse(Files.exists(abandoned));
        assertFalse(Files.isSymbolicLink(insideLink));
        assertTrue(Files.exists(starting));
        assertTrue(Files.exists(other));
        assertTrue(Files.isSymbolicLink(link));
        assertEquals("text", Files.readString(kept.resolve("file")));
    }

    private Path old(String name) throws IOException {
        Path directory = Files.createDirectory(parent.resolve(name));
        Files.writeString(directory.resolve("lock"), "");
        age(directory);
        return directory;
    }

    private static void age(Path directory) throws IOException {
        Files.setLastModifiedTime(directory, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
    }
}
