package dev.raftkv.raft.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.model.Address;
import dev.raftkv.raft.ratis.PeerName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ToldLevelsTest {
    private static final PeerName ONE = new PeerName("node1", new Address("127.0.0.1", 1111));
    private static final PeerName TWO = new PeerName("node=2", new Address("::1", 1112));

    @TempDir
    Path directory;

    @Test
    void whatWasToldIsReadAgain() {
        assertEquals(Map.of(), new ToldLevels(directory).read());
        new ToldLevels(directory).write(Map.of(ONE, 4, TWO, 0));
        assertEquals(Map.of(ONE, 4, TWO, 0), new ToldLevels(directory).read());
        new ToldLevels(directory).write(Map.of(ONE, 3));
        assertEquals(Map.of(ONE, 3), new ToldLevels(directory).read());
    }

    @Test
    void aDamagedFileTellsNothing() throws IOException {
        Path file = directory.resolve("log-levels.properties");
        Files.writeString(file, "node1@127.0.0.1:1111=\n=4\nnode1=4\nnode1@127.0.0.1:1111=four\n\n");
        assertEquals(Map.of(), new ToldLevels(directory).read());
        Files.write(file, new byte[] {(byte) 0xFF, (byte) 0xFE, 0});
        assertEquals(Map.of(), new ToldLevels(directory).read());
    }

    @Test
    void whereItCannotBeWrittenNothingElseFails() {
        new ToldLevels(directory.resolve("gone")).write(Map.of(ONE, 4));
        assertEquals(Map.of(), new ToldLevels(directory.resolve("gone")).read());
    }
}
