package org.apache.ratis.util;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.raftkv.lab.fault.SmallDisk;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file is replaced whole or not at all, also when the disk is full. */
class AtomicFileOutputStreamTest {
    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void prepare() throws IOException {
        file = directory.resolve("raft-meta");
        Files.writeString(file, "before");
    }

    private void assertContent(String content) throws IOException {
        assertEquals(content, Files.readString(file));
        assertFalse(Files.exists(file.resolveSibling("raft-meta.tmp")));
    }

    @Test
    void ratisUsesOursAndNotItsOwn() {
        assertNotEquals(
                FileUtils.class.getProtectionDomain().getCodeSource().getLocation(),
                AtomicFileOutputStream.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation());
    }

    @Test
    void theFileIsReplacedAtTheClose() throws IOException {
        try (AtomicFileOutputStream out = new AtomicFileOutputStream(file.toFile())) {
            out.write("after".getBytes(StandardCharsets.UTF_8));
            out.write('!');
            out.flush();
            assertEquals("before", Files.readString(file));
            assertFalse(out.isClosed());
        }
        assertContent("after!");
    }

    @Test
    void anAbortLeavesTheFile() throws IOException {
        AtomicFileOutputStream out = new AtomicFileOutputStream(file.toFile());
        out.write(1);
        out.abort();
        out.close();
        assertTrue(out.isClosed());
        assertContent("before");
    }

    /** As Ratis writes the vote. */
    @Test
    void aFailedWriteLeavesTheFile() throws IOException {
        assumeTrue(SmallDisk.obstacle().isEmpty(), () -> SmallDisk.obstacle().orElse(""));
        Properties vote = new Properties();
        vote.setProperty("term", "7");
        Path small = directory.resolve("small");
        try (SmallDisk disk = SmallDisk.mount(small, 1)) {
            file = Files.writeString(small.resolve("raft-meta"), "before");
            disk.fill(0);
            assertThrows(IOException.class, () -> {
                try (Writer out = new BufferedWriter(
                        new OutputStreamWriter(new AtomicFileOutputStream(file.toFile()), StandardCharsets.UTF_8))) {
                    vote.store(out, "");
                }
            });
            assertContent("before");
        }
    }
}
