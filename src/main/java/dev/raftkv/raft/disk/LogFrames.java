package dev.raftkv.raft.disk;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;

/**
 * Reads entries of a segment while Ratis writes to it, of what is on the disk by then. Ratis is not asked: it would keep a whole
 * segment in memory for one entry of it. {@link LogSegmentScan} says what a segment looks like.
 */
public final class LogFrames {
    private static final int HEADER_BYTES = 8;
    private static final int CHECKSUM_BYTES = 4;
    private static final int LENGTH_BYTES = 5;
    private static final int BUFFER_BYTES = 64 * 1024;

    private LogFrames() {}

    /**
     * Where entries begin, in their order; fewer than were asked for if the file ends before.
     *
     * @param from not before the segment's first
     * @param most how many at most
     */
    public static long[] places(LogSegment segment, long from, int most) throws IOException {
        long[] places = new long[most];
        int found = 0;
        try (FileChannel file = FileChannel.open(segment.file(), StandardOpenOption.READ)) {
            long size = file.size();
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
            long bufferAt = 0;
            buffer.limit(0);
            long at = HEADER_BYTES;
            for (long index = segment.first(); found < most; index++) {
                if (at < bufferAt || at + LENGTH_BYTES > bufferAt + buffer.limit()) {
                    bufferAt = at;
                    fill(file, buffer, at);
                }
                buffer.position((int) (at - bufferAt));
                int length = length(buffer);
                long end = at + lengthBytes(length) + (long) length + CHECKSUM_BYTES;
                if (length <= 0 || end > size) {
                    break;
                }
                if (index >= from) {
                    places[found] = at;
                    found++;
                }
                at = end;
            }
        }
        return Arrays.copyOf(places, found);
    }

    /** @param place where it begins */
    public static LogEntryProto read(LogSegment segment, long place) throws IOException {
        try (FileChannel file = FileChannel.open(segment.file(), StandardOpenOption.READ)) {
            ByteBuffer head = ByteBuffer.allocate(LENGTH_BYTES);
            fill(file, head, place);
            int length = length(head);
            int size = lengthBytes(length) + length + CHECKSUM_BYTES;
            if (length <= 0 || place + size > file.size()) {
                throw new EOFException(segment.file() + " has no entry at position " + place);
            }
            ByteBuffer frame = ByteBuffer.allocate(size);
            fill(file, frame, place);
            CRC32C checksum = new CRC32C();
            checksum.update(frame.array(), 0, size - CHECKSUM_BYTES);
            if (frame.limit() < size || frame.getInt(size - CHECKSUM_BYTES) != (int) checksum.getValue()) {
                throw new IOException(segment.file() + " has no whole entry at position " + place);
            }
            return LogEntryProto.parseFrom(frame.position(lengthBytes(length)).limit(size - CHECKSUM_BYTES));
        }
    }

    /** Reads as much as there is room for; what the file does not have is missing at the end. */
    private static void fill(FileChannel file, ByteBuffer buffer, long from) throws IOException {
        buffer.clear();
        int read;
        do {
            read = file.read(buffer, from + buffer.position());
        } while (read > 0 && buffer.hasRemaining());
        buffer.flip();
    }

    /** The number of bytes that follow it; 0 if there is none, as in the zeros behind the last entry. */
    private static int length(ByteBuffer at) {
        int length = 0;
        for (int shift = 0; shift < 7 * LENGTH_BYTES && at.hasRemaining(); shift += 7) {
            byte next = at.get();
            length |= (next & 0x7f) << shift;
            if (next >= 0) {
                return length;
            }
        }
        return 0;
    }

    private static int lengthBytes(int length) {
        return length == 0 ? 1 : (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 6) / 7;
    }
}
