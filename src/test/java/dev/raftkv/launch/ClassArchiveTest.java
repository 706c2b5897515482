package dev.raftkv.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That one is made and used is for {@code ExecutableWarIT} to see. */
final class ClassArchiveTest {
    private static final Instant BUILT = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    private Path directory;

    private Path war;
    private Path archive;

    @BeforeEach
    void install() throws IOException {
        war = write("raftkv.war", BUILT);
        archive = write("raftkv.jsa", BUILT.plusSeconds(1));
    }

    private Path write(String name, Instant time) throws IOException {
        Path file = Files.writeString(directory.resolve(name), name);
        Files.setLastModifiedTime(file, FileTime.from(time));
        return file;
    }

    private Optional<String> complaint(String... arguments) {
        return ClassArchive.of(war).complaint(List.of(arguments));
    }

    @Test
    void nothingIsWrongWithAnArchiveThatIsNewerThanTheWarOrNotAskedFor() {
        assertEquals(Optional.empty(), complaint());
        assertEquals(Optional.empty(), complaint("-Xmx256m", "-XX:SharedArchiveFile=" + archive));
    }

    @Test
    void oneThatIsMissingOrOlderThanTheWarIsTold() throws IOException {
        String missing = complaint("-XX:SharedArchiveFile=" + archive, "-XX:SharedArchiveFile=" + archive + ".not")
                .orElseThrow();
        assertTrue(missing.contains(archive + ".not, which cannot be read; make it with"), missing);
        write("raftkv.war", BUILT.plusSeconds(2));
        String older = complaint("-XX:SharedArchiveFile=" + archive).orElseThrow();
        assertTrue(older.endsWith("older than the WAR; make it with java -jar " + war + " --cds"), older);
    }

    /** Before a node is started for it, for which this WAR would be none. */
    @Test
    void whereItCannotBeWrittenThatIsSaid() {
        Path elsewhere = directory.resolve("none").resolve("raftkv.war");
        LaunchException failure = assertThrows(
                LaunchException.class, () -> ClassArchive.of(elsewhere).make(directory, System.out));
        assertTrue(failure.getMessage().startsWith("cannot make " + elsewhere.resolveSibling("raftkv.jsa")));
        assertEquals(LaunchException.EXIT_FAILED, failure.exitCode());
    }

    @Test
    void anOlderOneStaysIfNoneCanBeMade() throws IOException {
        LaunchException failure =
                assertThrows(LaunchException.class, () -> ClassArchive.of(war).make(directory, System.out));
        assertTrue(
                failure.getMessage().startsWith("the node that was started for it has ended: "), failure::getMessage);
        assertEquals("raftkv.jsa", Files.readString(archive));
        assertTrue(Files.notExists(directory.resolve("raftkv.jsa.part")));
    }
}
