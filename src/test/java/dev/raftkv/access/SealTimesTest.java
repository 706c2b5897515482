package dev.raftkv.access;

import static dev.raftkv.access.NodesThatSeal.SECRET;
import static dev.raftkv.access.NodesThatSeal.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a seal is good and remembered, by clocks that differ and nodes that are started again. */
class SealTimesTest {
    @TempDir
    private Path directory;

    private NodesThatSeal nodes;

    @BeforeEach
    void start() throws IOException {
        nodes = new NodesThatSeal(directory);
    }

    @ParameterizedTest
    @ValueSource(ints = {-29, 29})
    void clocksMayDifferByHalfAMinute(int seconds) {
        nodes.drift = Duration.ofSeconds(seconds);
        nodes.passed = Duration.ofMinutes(5);
        nodes.check(nodes.seal(WRITE), WRITE);
    }

    @ParameterizedTest
    @CsvSource({"31, 'behind'", "-31, 'ahead of'"})
    void clocksThatDifferMoreAreNamed(int seconds, String said) {
        nodes.drift = Duration.ofSeconds(seconds);
        nodes.passed = Duration.ofMinutes(5);
        Seals.Made seal = nodes.seal(WRITE);
        SealRefusedException refusal = nodes.refused(seal, WRITE);
        assertEquals(
                "the clock of node node2 is 31 s " + said
                        + " that of node node1, and they may differ by 30 s: set both by NTP",
                refusal.getMessage());
        assertFalse(seal.isRefusedBy(refusal.proof()), "it may have been believed before, or may still be later");
    }

    @Test
    void whatWasDoneIsNotSaidToBeUndoneWhenItComesAgainLater() throws IOException {
        Seals.Made seal = nodes.seal(WRITE);
        nodes.check(seal, WRITE);
        for (int seconds : new int[] {31, 100}) {
            nodes.passed = Duration.ofSeconds(seconds);
            assertFalse(seal.isRefusedBy(nodes.refused(seal, WRITE).proof()), seconds + " s later");
        }
        nodes.restart(SECRET, NodesThatSeal.NONCES);
        assertFalse(seal.isRefusedBy(nodes.refused(seal, WRITE).proof()), "to the node that was started again");
    }

    @Test
    void whatWasSealedBeforeThisNodeHasStartedIsRefused() throws IOException {
        Seals.Made before = nodes.seal(WRITE);
        nodes.passed = Duration.ofSeconds(2);
        nodes.restart(SECRET, NodesThatSeal.NONCES);
        SealRefusedException refusal = nodes.refused(before, WRITE);
        assertTrue(refusal.getMessage().startsWith("node node1 has started since"));
        assertFalse(before.isRefusedBy(refusal.proof()), "it may have been done before the start");
        nodes.check(nodes.seal(WRITE), WRITE);
    }

    @Test
    void aFullMemoryRefusesAndForgetsWithTime() throws IOException {
        nodes.restart(SECRET, 600);
        Seals.Made first = nodes.seal(WRITE);
        nodes.check(first, WRITE);
        for (int i = 1; i < 600; i++) {
            nodes.passed = Duration.ofMillis(40L * i);
            nodes.check(nodes.seal(WRITE), WRITE);
        }
        Seals.Made tooMany = nodes.seal(WRITE);
        SealRefusedException refusal = nodes.refused(tooMany, WRITE);
        assertEquals(503, refusal.status());
        assertFalse(tooMany.isRefusedBy(refusal.proof()), "it may still come through");
        assertEquals(
                "a seal of node node2 has come a second time",
                nodes.refused(first, WRITE).getMessage());

        nodes.passed = Duration.ofSeconds(72);
        nodes.check(nodes.seal(WRITE), WRITE);
        assertTrue(nodes.refused(first, WRITE).getMessage().startsWith("the clock of node node2 is 72 s behind"));
    }

    /** What the nodes of a busy cluster ask within the time that a seal is remembered, in an eighth of 256 MiB. */
    @Test
    void thirtyThousandASecondFitIntoAnEighthOfASmallHeap() {
        assertTrue(Seals.mostNonces(256L << 20) >= 30_000 * 65, () -> "" + Seals.mostNonces(256L << 20));
        assertTrue(Seals.mostNonces(1 << 20) >= 100_000);
        // A quarter of all that is enough to see it.
        int perSecond = 7_500;
        Nonces nonces = new Nonces(Seals.mostNonces(64L << 20), Duration.ofSeconds(61));
        SplittableRandom random = new SplittableRandom(1);
        long mostBytes = 0;
        for (int i = 0; i < perSecond * 80; i += 100) {
            long now = i * 1_000_000_000L / perSecond;
            long first = random.nextLong();
            assertEquals(Nonces.Fate.NEW, nonces.use(first, now));
            for (int more = 1; more < 100; more++) {
                if (nonces.use(random.nextLong(), now) != Nonces.Fate.NEW) {
                    throw new AssertionError("refused after " + (i + more));
                }
            }
            assertEquals(Nonces.Fate.USED, nonces.use(first, now));
            mostBytes = Math.max(mostBytes, nonces.bytes());
        }
        assertTrue(mostBytes <= 8 << 20, mostBytes + " bytes");
    }
}
