package dev.raftkv.lab.fault;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedInputStream;

/**
 * What a crash leaves behind the last whole frame of a Raft log: a part of the next frame, in a segment that was filled with
 * zeros before. Nothing that was synced is touched, because no crash does that.
 *
 * <p>A segment is 8 bytes and then frames: the length as a varint, so many bytes, and 4 bytes of checksum.
 */
public final class TornTail {
    private static final int HEADER = 8;
    private static final int CHECKSUM = 4;
    private static final int SECTOR = 512;

    private TornTail() {}

    /** What may be there of the frame. */
    public enum Kind {
        /** Its first bytes, and the zeros of the file. */
        BEGUN,
        /** Its first bytes, and the file ends there. */
        CUT,
        /** All but one sector of the disk that it lies in, which is not the first; if there is one only, as BEGUN. */
        HOLED
    }

    /**
     * Does that to the segment that is open.
     *
     * @param data the data directory of a node that does not run
     * @return what was done, in words; "nothing" if no segment is open, or none of its frames is whole
     */
    public static String tear(Path data, Kind kind, Random random) throws IOException {
        List<Path> segments;
        try (Stream<Path> files = Files.walk(data.resolve("raft"))) {
            segments = files.filter(file -> file.getFileName().toString().startsWith("log_inprogress_"))
                    .toList();
        }
        return segments.isEmpty() ? "nothing: no segment is open" : tear(segments.get(0), kind, random, data);
    }

    private static String tear(Path segment, Kind kind, Random random, Path data) throws IOException {
        byte[] bytes = Files.readAllBytes(segment);
        int last = -1;
        int end = HEADER;
        for (int next = after(bytes, end); next > 0; next = after(bytes, end)) {
            last = end;
            end = next;
        }
        if (last < 0) {
            return "nothing: no frame is whole";
        }
        byte[] torn = next(Arrays.copyOfRange(bytes, last, end));
        int length = torn.length;
        int sectors = (end + length - 1) / SECTOR - end / SECTOR;
        int from;
        int to = length;
        if (kind == Kind.HOLED && sectors > 0) {
            int sector = (end / SECTOR + 1 + random.nextInt(sectors)) * SECTOR;
            from = sector - end;
            to = Math.min(length, from + SECTOR);
        } else {
            from = random.nextInt(1, length);
        }
        Arrays.fill(torn, from, to, (byte) 0);
        try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
            file.seek(end);
            file.write(torn);
            if (kind == Kind.CUT) {
                file.setLength(end + (long) from);
            }
        }
        return kind + " in " + data.relativize(segment) + " at " + end + ": of " + length + " bytes not " + from
                + " to " + to;
    }

    /** The frame behind this one, which holds the same, with a checksum that is wrong. */
    private static byte[] next(byte[] frame) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(frame);
        LogEntryProto entry = LogEntryProto.parseFrom(in.readByteArray());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        entry.toBuilder().setIndex(entry.getIndex() + 1).build().writeDelimitedTo(out);
        out.write(frame, frame.length - CHECKSUM, CHECKSUM);
        return out.toByteArray();
    }

    /** Where the frame ends that begins here; 0 if none does. */
    private static int after(byte[] bytes, int start) {
        int length = 0;
        int at = start;
        for (int shift = 0; shift < 32 && at < bytes.length; shift += 7) {
            int one = bytes[at++];
            length |= (one & 0x7f) << shift;
            if (one >= 0) {
                int end = at + length + CHECKSUM;
                return length > 0 && end > 0 && end <= bytes.length ? end : 0;
            }
        }
        return 0;
    }
}
