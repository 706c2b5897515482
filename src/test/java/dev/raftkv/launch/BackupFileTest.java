package dev.raftkv.launch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupFileTest {
    private static final byte[] PLAIN = """
            {"format":"raftkv-backup/1","revision":7,"keys":2,"time":1,"cluster":"3f2a90c1"}
            {"key":"a","value":1,"create_revision":1,"change_revision":1,"version":1}
            {"key":"b","value":"x","create_revision":2,"change_revision":7,"version":2}
            {"keys":2,"sha256":"3b4d86101d40b3cc76042eb2a0b7d282cbf9ee78c3391a36670a66067fa5b3bb"}
            """.getBytes(UTF_8);

    @TempDir
    private Path directory;

    private long keys(byte[] content) throws IOException, LaunchException {
        return BackupFile.keysOf(Files.write(directory.resolve("backup"), content));
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        }
        return out.toByteArray();
    }

    @Test
    void aWholeBackupIsFoundWhole() throws Exception {
        assertEquals(2, keys(PLAIN));
        assertEquals(2, keys(gzip(PLAIN)));
    }

    @Test
    void oneThatIsCutShortAnywhereIsNot() throws Exception {
        for (byte[] whole : List.of(PLAIN, gzip(PLAIN))) {
            for (int length = 0; length < whole.length; length++) {
                byte[] cut = Arrays.copyOf(whole, length);
                LaunchException refusal = assertThrows(LaunchException.class, () -> keys(cut));
                assertTrue(refusal.getMessage().contains("is no whole backup: "), refusal::getMessage);
            }
        }
    }

    @Test
    void oneWithAnyBitFlippedIsNot() throws Exception {
        for (int bit = 0; bit < 8 * PLAIN.length; bit++) {
            byte[] flipped = PLAIN.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThrows(LaunchException.class, () -> keys(flipped), "bit " + bit);
        }
    }

    /** The token command writes a sentence before it. */
    @Test
    void aTokenIsTheLastLineOfItsFile() throws Exception {
        Path file = Files.writeString(directory.resolve("ada"), "The token of ada:\nabc-_9\n");
        List<String> words = List.of("http://localhost:1", "f", "--token-file", file.toString());
        assertEquals(
                Optional.of("abc-_9"),
                BackupArguments.parse(LaunchCommand.BACKUP, words, Map.of("RAFT_TOKEN", "x"))
                        .token());
        for (String none : List.of("", " \n", "two words")) {
            Files.writeString(file, none);
            assertThrows(
                    LaunchException.class, () -> BackupArguments.parse(LaunchCommand.BACKUP, words, Map.of()), none);
        }
    }

    @Test
    void wrongArgumentsAreNamed() {
        for (List<String> wrong : List.<List<String>>of(
                List.of(),
                List.of("http://localhost:1"),
                List.of("localhost:1", "f"),
                List.of("ftp://localhost", "f"),
                List.of("http://localhost:1", "f", "--ca"),
                List.of("http://localhost:1", "f", "--replace"))) {
            LaunchException refusal = assertThrows(
                    LaunchException.class, () -> BackupArguments.parse(LaunchCommand.BACKUP, wrong, Map.of()));
            assertEquals(LaunchException.EXIT_WRONG_USE, refusal.exitCode());
            assertTrue(refusal.getMessage().contains("java -jar raftkv.war backup URL FILE"), refusal::getMessage);
        }
    }
}
