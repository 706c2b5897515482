package dev.raftkv.raft.disk;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Reads one segment of the Raft log as far as it is whole, and judges what follows.
 *
 * <p>A segment is eight bytes of header and a frame for each entry: its length as a varint, the entry, and the CRC-32C of
 * both in four bytes. Ratis fills a segment with zeros ahead of its frames, writes frame after frame, and syncs before an
 * entry counts. So a crash of the process leaves the beginning of a frame, and then zeros or the end of the file; and a loss
 * of power may leave zeros in the place of any sector of it. Such a frame is <i>torn</i>: it never counted, and may be cut
 * off if it is the last. Whatever else is wrong no crash has left: it is <i>damage</i>, and may have counted.
 */
final class LogSegmentScan {
    private static final byte[] HEADER = "RaftLog1".getBytes(StandardCharsets.US_ASCII);
    private static final int CHECKSUM_BYTES = 4;
    private static final int SECTOR_BYTES = 512;
    private static final int TERM_TAG = 1 << 3;
    private static final int INDEX_TAG = 2 << 3;
    /** Of the message that follows both in an entry that brings a configuration. */
    private static final int CONFIGURATION_TAG = 4 << 3 | 2;

    /** The shortest frame: length, term, index and checksum. */
    private static final int SHORTEST_FRAME = 9;

    enum State {
        /** Nothing but frames, and perhaps zeros behind them. */
        WHOLE,
        /** The last frame was not written to its end. */
        TORN,
        DAMAGED
    }

    /** One frame, as far as it can be seen. */
    private record Frame(int body, int length, long term, long index, boolean isConfiguration) {
        /** Beyond any file if the length is none. */
        long end() {
            return (long) body + length + CHECKSUM_BYTES;
        }
    }

    private final byte[] bytes;
    private final long firstIndex;
    /** Where the zeros begin that fill the rest of the file. */
    private final int zerosFrom;

    private State state = State.WHOLE;
    private String problem = "";
    private int end;
    private long lastIndex;
    private long lastTerm;
    private int largest;
    private final List<Long> configurations = new ArrayList<>();

    private LogSegmentScan(byte[] bytes, long firstIndex) {
        this.bytes = bytes;
        this.firstIndex = firstIndex;
        this.lastIndex = firstIndex - 1;
        int zeros = bytes.length;
        while (zeros > 0 && bytes[zeros - 1] == 0) {
            zeros--;
        }
        this.zerosFrom = zeros;
    }

    /** Scans the bytes of a segment whose first entry must have this index. */
    static LogSegmentScan of(byte[] bytes, long firstIndex) {
        LogSegmentScan scan = new LogSegmentScan(bytes, firstIndex);
        if (scan.readHeader()) {
            scan.readFrames();
        }
        return scan;
    }

    State state() {
        return state;
    }

    /** What is wrong, as the end of a sentence; empty if nothing is. */
    String problem() {
        return problem;
    }

    /** Behind the last whole frame; if the segment is not whole, where the trouble begins. */
    int end() {
        return end;
    }

    /** Index of the last whole entry; one less than the first if there is none. */
    long lastIndex() {
        return lastIndex;
    }

    boolean isEmpty() {
        return lastIndex < firstIndex;
    }

    /** Term of the last whole entry; 0 if there is none. */
    long lastTerm() {
        return lastTerm;
    }

    /** Bytes of the largest whole entry. */
    int largest() {
        return largest;
    }

    /** Indexes of the whole entries that bring a configuration. */
    List<Long> configurations() {
        return configurations;
    }

    /** How many bytes follow {@link #end()} until only zeros do. */
    int rest() {
        return Math.max(0, zerosFrom - end);
    }

    private boolean readHeader() {
        int matching = Arrays.mismatch(HEADER, Arrays.copyOf(bytes, HEADER.length));
        if (matching < 0 || bytes.length == 0) {
            end = Math.min(bytes.length, HEADER.length);
            return matching < 0;
        }
        if (zerosFrom <= matching) {
            state = State.TORN;
            problem = "its header was not written to the end";
        } else {
            end = matching;
            damaged("the header is not that of a log");
        }
        return false;
    }

    private void readFrames() {
        while (end < zerosFrom) {
            Frame frame = frameAt(end);
            if (frame == null || !isWhole(frame)) {
                judge(frame);
                return;
            }
            if (frame.index() != lastIndex + 1 || frame.term() < lastTerm) {
                damaged("entry " + (lastIndex + 1) + " should be there, but it is entry " + frame.index() + " of term "
                        + frame.term());
                return;
            }
            lastIndex = frame.index();
            lastTerm = frame.term();
            largest = Math.max(largest, frame.length());
            if (frame.isConfiguration()) {
                configurations.add(frame.index());
            }
            end = (int) frame.end();
        }
    }

    private boolean isWhole(Frame frame) {
        if (frame.end() > bytes.length) {
            return false;
        }
        int checked = frame.body() + frame.length();
        int begin = frame.body() - varintBytes(frame.length());
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, begin, checked - begin);
        return ByteBuffer.wrap(bytes).getInt(checked) == (int) checksum.getValue();
    }

    private void judge(Frame frame) {
        if (frame == null) {
            damaged("there is something that is no entry");
        } else if (zerosFrom > frame.end()) {
            damaged("entry " + (lastIndex + 1) + " is not what was written, and more follows it");
        } else if (!beginsAsNextEntry(frame)) {
            damaged("there is something that is not entry " + (lastIndex + 1));
        } else if (!isTorn(frame)) {
            damaged("entry " + (lastIndex + 1) + " has a wrong checksum");
        } else if (holdsLaterFrame(frame)) {
            damaged("entry " + (lastIndex + 1) + " is not what was written, and a later one follows");
        } else {
            state = State.TORN;
            problem = "entry " + (lastIndex + 1) + " was not written to its end";
        }
    }

    private void damaged(String what) {
        state = State.DAMAGED;
        problem = what;
    }

    /** Null if no frame begins so. The bytes from {@link #zerosFrom} on say nothing about it. */
    private Frame frameAt(int position) {
        int at = position;
        long length = 0;
        for (int shift = 0; ; shift += 7) {
            if (shift > 28) {
                return null;
            }
            int next = at < bytes.length ? bytes[at] : 0;
            at++;
            length |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                break;
            }
        }
        if (length == 0 || length > Integer.MAX_VALUE) {
            return null;
        }
        return entryAt(at, (int) length);
    }

    private Frame entryAt(int body, int length) {
        ByteBuffer entry = ByteBuffer.wrap(bytes);
        entry.position(Math.min(body, bytes.length));
        // A field that is 0 is not written.
        long term = field(entry, TERM_TAG);
        long index = field(entry, INDEX_TAG);
        boolean isConfiguration = entry.hasRemaining() && entry.get(entry.position()) == CONFIGURATION_TAG;
        return new Frame(body, length, term, index, isConfiguration);
    }

    private static long field(ByteBuffer entry, int tag) {
        if (!entry.hasRemaining() || entry.get(entry.position()) != tag) {
            return 0;
        }
        entry.get();
        long value = 0;
        for (int shift = 0; shift < Long.SIZE && entry.hasRemaining(); shift += 7) {
            byte next = entry.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                break;
            }
        }
        return value;
    }

    /** Whether it begins as the next entry does, as far as it was written. */
    private boolean beginsAsNextEntry(Frame frame) {
        int at = frame.body();
        if (at >= zerosFrom) {
            return true;
        }
        if (bytes[at] != TERM_TAG) {
            return false;
        }
        do {
            at++;
        } while (at < zerosFrom && bytes[at] < 0);
        at++;
        if (at >= zerosFrom) {
            return true;
        }
        byte[] index = lastIndex + 1 == 0 ? new byte[0] : tagged(INDEX_TAG, lastIndex + 1);
        int seen = Math.min(index.length, zerosFrom - at);
        return frame.term() >= lastTerm && Arrays.equals(index, 0, seen, bytes, at, at + seen);
    }

    /** Whether its end, or what it has in one sector, is missing. */
    private boolean isTorn(Frame frame) {
        if (frame.end() > zerosFrom) {
            return true;
        }
        int from = end;
        while (from < frame.end()) {
            int to = (int) Math.min(frame.end(), (long) from - from % SECTOR_BYTES + SECTOR_BYTES);
            if (isZero(from, to)) {
                return true;
            }
            from = to;
        }
        return false;
    }

    private boolean isZero(int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether a whole frame of a later entry lies inside of this one, whose length may be what is damaged. */
    private boolean holdsLaterFrame(Frame frame) {
        int to = (int) Math.min(frame.end(), zerosFrom);
        for (int at = end + 1; at < to - SHORTEST_FRAME; at++) {
            Frame inside = bytes[at] == 0 ? null : frameAt(at);
            if (inside != null
                    && inside.term() >= lastTerm
                    && inside.index() > lastIndex + 1
                    && inside.index() <= lastIndex + 1 + bytes.length / SHORTEST_FRAME
                    && isWhole(inside)) {
                return true;
            }
        }
        return false;
    }

    private static byte[] tagged(int tag, long value) {
        ByteBuffer buffer = ByteBuffer.allocate(11);
        buffer.put((byte) tag);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            buffer.put((byte) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        buffer.put((byte) rest);
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private static int varintBytes(int value) {
        return tagged(0, value).length - 1;
    }
}
