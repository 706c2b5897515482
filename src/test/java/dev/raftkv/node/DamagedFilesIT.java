package dev.raftkv.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a crash leaves of Ratis' files is mended; other damage is named, with the way out. */
@Timeout(60)
class DamagedFilesIT {
    @TempDir
    Path directory;

    private NodeCluster cluster;
    private Path openSegment;

    /** A node that has written and applied, and whose log ends with a barrier, which its store need not hold. */
    @BeforeEach
    void prepare() {
        cluster = new NodeCluster(directory);
        cluster.start("node1");
        cluster.put("node1", "key", "1");
        NodeCluster.await(cluster.node("node1").kv().barrier());
        cluster.stop("node1");
        openSegment = file("log_inprogress_");
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private Path file(String prefix) {
        try (Stream<Path> files = Files.walk(cluster.directoryOf("node1").resolve("raft"))) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void assertServes() {
        cluster.start("node1");
        cluster.leaderOf("node1");
        assertEquals(Optional.of("1"), cluster.get("node1", "key"));
        cluster.put("node1", "other", "2");
        cluster.stop("node1");
        cluster.start("node1");
        assertEquals(Optional.of("2"), cluster.get("node1", "other"));
    }

    private void assertRefuses(String... words) {
        String reason = assertThrows(IllegalStateException.class, () -> cluster.start("node1"))
                .getMessage();
        assertTrue(reason.contains("join it again"), reason);
        for (String word : words) {
            assertTrue(reason.contains(word), reason);
        }
    }

    /** Where the last frame begins; all of them have lengths of one byte. */
    private static int lastFrame(byte[] segment) {
        int last = 8;
        for (int at = last; at < segment.length && segment[at] > 0; at += 1 + segment[at] + 4) {
            last = at;
        }
        return last;
    }

    @Test
    void aTornTailIsCutOff() throws IOException {
        // As if the node had been killed before it noted that this entry is on the disk.
        Files.delete(file("synced"));
        byte[] segment = Files.readAllBytes(openSegment);
        Arrays.fill(segment, (lastFrame(segment) + segment.length) / 2, segment.length, (byte) 0);
        Files.write(openSegment, Arrays.copyOf(segment, 1 << 20));
        assertServes();
    }

    @Test
    void damageInTheMiddleIsRefused() throws IOException {
        byte[] segment = Files.readAllBytes(openSegment);
        segment[20] ^= 0x10;
        Files.write(openSegment, segment);
        assertRefuses(openSegment.toString(), "position 8");
    }

    @Test
    void garbageBehindTheEndIsRefused() throws IOException {
        long end = Files.size(openSegment);
        Files.write(openSegment, "garbage".getBytes(StandardCharsets.UTF_8), StandardOpenOption.APPEND);
        assertRefuses(openSegment.toString(), "position " + end);
    }

    @Test
    void aLogThatLostWhatItHeldIsRefused() throws IOException {
        byte[] segment = Files.readAllBytes(openSegment);
        Files.delete(openSegment);
        assertRefuses(openSegment.getParent().toString(), "but it had entry");
        Files.write(openSegment, Arrays.copyOf(segment, 8));
        assertRefuses("but it had entry");
    }

    @Test
    void anEmptyVoteFileIsRefused() throws IOException {
        Path vote = file("raft-meta").resolveSibling("raft-meta");
        byte[] whole = Files.readAllBytes(vote);
        Files.write(vote, new byte[0]);
        assertRefuses(vote.toString(), "vote twice");
        Files.delete(vote);
        assertRefuses(vote.toString(), "is missing");
        Files.write(vote, whole);
        assertServes();
    }

    /** As the refusal says. */
    @Test
    void theOnlyMemberGoesOnWithAVoteFileWrittenByHand() throws IOException {
        Path vote = file("raft-meta").resolveSibling("raft-meta");
        Files.delete(vote);
        String reason = assertThrows(IllegalStateException.class, () -> cluster.start("node1"))
                .getMessage();
        String term = reason.replaceAll(".*(term=\\d+).*", "$1");
        Files.writeString(vote, term + "\nvotedFor=\n");
        assertServes();
    }
}
