package dev.raftkv.lab.fault;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.lab.fault.TornTail.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TornTailTest {
    private static final int PREALLOCATED = 20_000;
    private static final int SECTOR = 512;
    private static final int FIRST = 17;

    @TempDir
    Path data;

    @Test
    void whatWasWrittenWholeIsNotTouched() throws IOException {
        byte[] whole = frames(40, 3000);
        for (Kind kind : Kind.values()) {
            for (int seed = 0; seed < 100; seed++) {
                Path segment = segment(whole);
                String told = TornTail.tear(data, kind, new Random(seed));
                byte[] torn = Files.readAllBytes(segment);
                assertArrayEquals(whole, Arrays.copyOf(torn, whole.length), told);
                byte[] next = frame(FIRST + 2, 3000);
                byte[] there = Arrays.copyOfRange(torn, whole.length, whole.length + next.length);
                assertFalse(Arrays.equals(next, there), told);
                assertEquals(next[0], there[0], told);
                for (int i = 0; i < next.length; i++) {
                    assertTrue(there[i] == next[i] || there[i] == 0, told);
                }
            }
        }
    }

    @Test
    void aFrameThatIsCutIsTheEndOfTheFile() throws IOException {
        byte[] whole = frames(40, 60);
        Path segment = segment(whole);
        TornTail.tear(data, Kind.CUT, new Random(1));
        long size = Files.size(segment);
        assertTrue(size > whole.length && size < whole.length + frame(FIRST + 2, 60).length, "size " + size);
    }

    @Test
    void aHoleIsASectorOfTheDiskBehindTheFirstOne() throws IOException {
        byte[] whole = frames(3000);
        Path segment = segment(whole);
        TornTail.tear(data, Kind.HOLED, new Random(1));
        byte[] torn = Files.readAllBytes(segment);
        byte[] frame = frame(FIRST + 1, 3000);
        int holes = 0;
        for (int at = (whole.length / SECTOR + 1) * SECTOR; at + SECTOR < whole.length + frame.length; at += SECTOR) {
            boolean hole = Arrays.equals(new byte[SECTOR], Arrays.copyOfRange(torn, at, at + SECTOR));
            holes += hole ? 1 : 0;
        }
        assertTrue(holes <= 1, holes + " holes");
        assertEquals(PREALLOCATED, torn.length);
    }

    @Test
    void withoutAnOpenSegmentNothingIsDone() throws IOException {
        Files.createDirectories(data.resolve("raft"));
        assertEquals("nothing: no segment is open", TornTail.tear(data, Kind.CUT, new Random(1)));
    }

    private Path segment(byte[] whole) throws IOException {
        Path directory = Files.createDirectories(data.resolve("raft/group/current"));
        return Files.write(directory.resolve("log_inprogress_17"), Arrays.copyOf(whole, PREALLOCATED));
    }

    private static byte[] frames(int... lengths) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write("RaftLog1".getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < lengths.length; i++) {
            out.write(frame(FIRST + i, lengths[i]));
        }
        return out.toByteArray();
    }

    private static byte[] frame(long index, int length) throws IOException {
        byte[] data = new byte[length];
        Arrays.fill(data, (byte) 'x');
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LogEntryProto.newBuilder()
                .setTerm(3)
                .setIndex(index)
                .setStateMachineLogEntry(StateMachineLogEntryProto.newBuilder().setLogData(ByteString.copyFrom(data)))
                .build()
                .writeDelimitedTo(out);
        out.write(new byte[] {1, 2, 3, 4});
        return out.toByteArray();
    }
}
