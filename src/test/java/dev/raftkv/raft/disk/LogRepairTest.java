package dev.raftkv.raft.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.LogLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A torn tail is cut off; whatever no crash leaves is refused, with the place and the way out. */
class LogRepairTest {
    private static final byte[] HEADER = "RaftLog1".getBytes(StandardCharsets.US_ASCII);
    private static final int ZEROS = 2000;
    private static final int MAX_ENTRY = 1 << 20;

    @TempDir
    Path directory;

    private Path open;
    private byte[] before;
    private byte[] last;

    @BeforeEach
    void prepare() {
        open = directory.resolve("log_inprogress_5");
        before = join(HEADER, frame(5, 300, 10), frame(6, 300, 200));
        // Longer than a few sectors, and with a length of two bytes.
        last = frame(7, 301, 1500);
    }

    /** As Ratis writes it. */
    private static byte[] frame(long index, long term, int bytes) {
        LogEntryProto entry = LogEntryProto.newBuilder()
                .setTerm(term)
                .setIndex(index)
                .setStateMachineLogEntry(
                        StateMachineLogEntryProto.newBuilder().setLogData(ByteString.copyFromUtf8("x".repeat(bytes))))
                .build();
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            CodedOutputStream coded = CodedOutputStream.newInstance(out);
            coded.writeUInt32NoTag(entry.getSerializedSize());
            entry.writeTo(coded);
            coded.flush();
            CRC32C checksum = new CRC32C();
            checksum.update(out.toByteArray());
            out.write(ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static void write(Path file, byte[]... parts) {
        try {
            Files.write(file, join(parts));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private LogRepair mend(long snapshot, long synced) {
        try {
            LogRepair repair = new LogRepair(directory, MAX_ENTRY, synced);
            repair.mend();
            repair.checkHolds(snapshot);
            return repair;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertTorn(String what, byte[]... parts) {
        LogSegmentScan scan = LogSegmentScan.of(join(parts), 5);
        assertEquals(LogSegmentScan.State.TORN, scan.state(), () -> what + ": " + scan.problem());
        assertEquals(before.length, scan.end(), what);
        assertEquals(6, scan.lastIndex(), what);
    }

    private byte[] read() {
        try {
            return Files.readAllBytes(open);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertRefused(long position, String... words) {
        byte[] found = read();
        String reason =
                assertThrows(IllegalStateException.class, () -> mend(4, 6)).getMessage();
        assertTrue(reason.contains(open + " is damaged at position " + position + ": "), reason);
        assertTrue(reason.contains("join it again"), reason);
        for (String word : words) {
            assertTrue(reason.contains(word), reason);
        }
        assertArrayEquals(found, read(), "what is refused is left as it is");
    }

    @Test
    void aWholeLogIsLeftAsItIs() {
        byte[] whole = join(before, last, new byte[ZEROS]);
        write(open, whole);
        assertEquals(before.length + last.length, mend(4, 7).bytes());
        assertArrayEquals(whole, read());
        write(open, before, last);
        mend(4, 7);
        assertArrayEquals(join(before, last), read());
    }

    @Test
    void aTailCutShortIsTornAtEachPosition() {
        for (int cut = 1; cut < last.length; cut++) {
            assertTorn("cut at " + cut, before, Arrays.copyOf(last, cut));
        }
    }

    @Test
    void aTailThatEndsInZerosIsTornAtEachPosition() {
        assertTrue(last[last.length - 1] != 0);
        for (int cut = 1; cut < last.length; cut++) {
            assertTorn("zeros from " + cut, before, Arrays.copyOf(last, cut), new byte[last.length - cut + ZEROS]);
        }
    }

    @Test
    void aTailWithASectorMissingIsTorn() {
        for (int sector = 1; sector * 512 < before.length + last.length; sector++) {
            byte[] torn = join(before, last, new byte[ZEROS]);
            int from = Math.max(before.length + 20, sector * 512);
            Arrays.fill(torn, from, Math.min((sector + 1) * 512, before.length + last.length), (byte) 0);
            assertTorn("without sector " + sector, torn);
        }
    }

    @Test
    void aTornTailIsCutOffAndItIsSaidWhere() {
        write(open, before, Arrays.copyOf(last, 100), new byte[ZEROS]);
        try (LogLines log = LogLines.of(LogRepair.class)) {
            mend(4, 6);
            assertArrayEquals(before, read());
            mend(4, 6);
            assertEquals(1, log.all().size());
            String line = log.all().get(0);
            assertTrue(line.startsWith("WARNING " + open + ": entry 7 was not written to its end"), line);
            assertTrue(line.contains("its 100 bytes from position " + before.length), line);
        }
    }

    @Test
    void aHeaderThatWasNotWrittenIsCutOff() {
        for (int cut = 0; cut < HEADER.length; cut++) {
            for (int zeros : new int[] {0, ZEROS}) {
                write(open, Arrays.copyOf(HEADER, cut), new byte[zeros]);
                mend(4, 4);
                assertEquals(0, read().length, cut + " bytes of the header and " + zeros + " zeros");
            }
        }
        write(open, HEADER, new byte[ZEROS]);
        mend(4, 4);
        assertEquals(HEADER.length + ZEROS, read().length);
    }

    @Test
    void aBrokenHeaderBeforeEntriesIsRefused() {
        byte[] broken = join(before, last);
        broken[3] = 0;
        write(open, broken);
        assertRefused(3, "header");
        write(open, new byte[8], last);
        assertRefused(0, "header");
    }

    @Test
    void damageBeforeAnotherEntryIsRefusedAtEachPosition() {
        for (int at = before.length; at < before.length + last.length; at++) {
            for (int with : new int[] {0, 0x55, -1}) {
                byte[] damaged = join(before, last, frame(8, 301, 30), new byte[ZEROS]);
                if (damaged[at] != (byte) with) {
                    damaged[at] = (byte) with;
                    LogSegmentScan scan = LogSegmentScan.of(damaged, 5);
                    assertEquals(LogSegmentScan.State.DAMAGED, scan.state(), with + " at " + at);
                    assertEquals(before.length, scan.end());
                }
            }
        }
    }

    @Test
    void damageBeforeAnotherEntryIsLeftAsItIs() {
        byte[] damaged = join(before, last, frame(8, 301, 30), new byte[ZEROS]);
        damaged[before.length + 100] = 0;
        write(open, damaged);
        assertRefused(before.length, "entry 7");
    }

    @Test
    void aWrongChecksumOfAnEntryThatWasWrittenToItsEndIsRefused() {
        byte[] damaged = join(before, last, new byte[ZEROS]);
        damaged[before.length + 700] ^= 1;
        write(open, damaged);
        assertRefused(before.length, "checksum");
    }

    @Test
    void garbageBehindTheEndIsRefused() {
        byte[] garbage = "garbage behind the end".getBytes(StandardCharsets.UTF_8);
        write(open, before, garbage);
        assertRefused(before.length);
        write(open, before, new byte[100], garbage);
        assertRefused(before.length);
        byte[] noise = new byte[300];
        Arrays.fill(noise, (byte) -1);
        write(open, before, noise);
        assertRefused(before.length);
        write(open, before, frame(9, 301, 10));
        assertRefused(before.length, "entry 7 should be there");
    }

    @Test
    void aClosedSegmentThatIsTornIsRefused() {
        open = directory.resolve("log_5-7");
        write(open, before, Arrays.copyOf(last, 700));
        assertRefused(before.length);
    }

    @Test
    void aLogThatEndsBeforeWhatItHeldIsRefused() {
        write(open, before);
        String reason =
                assertThrows(IllegalStateException.class, () -> mend(4, 7)).getMessage();
        assertTrue(reason.contains(directory + " ends with entry 6, but it had entry 7"), reason);
        mend(7, 7);
        assertThrows(IllegalStateException.class, () -> mend(3, 6), "entry 4 is missing");
    }

    @Test
    void aTornEntryThatWasOnTheDiskIsRefusedAndLeftAsItIs() throws IOException {
        write(open, before, Arrays.copyOf(last, 700));
        byte[] found = Files.readAllBytes(open);

        String reason =
                assertThrows(IllegalStateException.class, () -> mend(4, 7)).getMessage();

        assertTrue(reason.contains("entry 7 was not written to its end, but it had been"), reason);
        assertArrayEquals(found, Files.readAllBytes(open));
        mend(4, 6);
    }

    @Test
    void aMissingSegmentIsRefused() throws IOException {
        write(directory.resolve("log_2-3"), HEADER, frame(2, 299, 10), frame(3, 300, 10));
        write(open, before);
        assertThrows(IllegalStateException.class, () -> mend(1, 6), "entry 4 is missing");
        write(directory.resolve("log_4-4"), HEADER, frame(4, 300, 10));
        mend(1, 6);
        Files.delete(open);
        assertThrows(IllegalStateException.class, () -> mend(1, 6));
        mend(1, 4);
    }

    @Test
    void aDirectoryWithoutALogIsLeftAsItIs() {
        mend(-1, -1);
        mend(7, 7);
        assertThrows(IllegalStateException.class, () -> mend(-1, 7));
    }

    @Test
    void anEntryLargerThanTheLimitNamesTheSetting() {
        write(open, before, frame(7, 301, MAX_ENTRY + 1));
        String reason =
                assertThrows(IllegalStateException.class, () -> mend(4, 6)).getMessage();
        assertTrue(reason.contains("RAFT_MAX_VALUE_BYTES"), reason);
    }
}
