package dev.raftkv.raft.disk;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file with a node's vote is never made up. */
class VoteFileTest {
    @TempDir
    Path group;

    private void check() throws IOException {
        new VoteFile(group, 1 << 20).check();
    }

    private Path file() throws IOException {
        return Files.createDirectories(group.resolve("current")).resolve("raft-meta");
    }

    @Test
    void aGroupWithoutDataNeedsNone() throws IOException {
        check();
        file();
        check();
    }

    @Test
    void aWholeOneIsTaken() throws IOException {
        Files.writeString(file(), "#\n#Tue Nov 24 10:00:00 UTC 2026\nterm=3\nvotedFor=node1@127.0.0.1\\:5001\n");
        check();
        Files.writeString(file(), "term=0\nvotedFor=\n");
        check();
    }

    @Test
    void anEmptyOneIsRefused() throws IOException {
        for (String damaged : new String[] {"", "term=3\n", "term=x\nvotedFor=\n", "\0\0\0\0", "votedFor=node1\n"}) {
            Files.writeString(file(), damaged);
            String reason =
                    assertThrows(IllegalStateException.class, this::check).getMessage();
            assertTrue(reason.startsWith(file() + " is damaged"), reason);
            assertTrue(reason.contains("join it again"), reason);
        }
    }

    @Test
    void aMissingOneIsRefused() throws IOException {
        Files.write(file().resolveSibling("log_inprogress_0"), new byte[0]);
        String reason = assertThrows(IllegalStateException.class, this::check).getMessage();
        assertTrue(reason.startsWith(file() + " is missing"), reason);
    }
}
