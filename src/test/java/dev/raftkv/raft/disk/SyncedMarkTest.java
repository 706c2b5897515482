package dev.raftkv.raft.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyncedMarkTest {
    @TempDir
    Path group;

    @Test
    void itIsReadAsItWasWrittenAndNeverGoesBack() throws IOException {
        assertEquals(-1, new SyncedMark(group).read());
        SyncedMark mark = new SyncedMark(group);
        mark.write(57);
        mark.write(12);
        assertEquals(57, new SyncedMark(group).read());

        SyncedMark next = new SyncedMark(group);
        next.read();
        next.write(56);
        assertEquals(57, new SyncedMark(group).read());
    }

    @Test
    void aDamagedOneAsksForNothing() throws IOException {
        new SyncedMark(group).write(57);
        byte[] bytes = Files.readAllBytes(group.resolve("synced"));
        bytes[7]++;
        Files.write(group.resolve("synced"), bytes);
        assertEquals(-1, new SyncedMark(group).read());
        Files.write(group.resolve("synced"), new byte[0]);
        assertEquals(-1, new SyncedMark(group).read());
    }
}
