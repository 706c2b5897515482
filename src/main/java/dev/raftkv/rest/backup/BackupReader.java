package dev.raftkv.rest.backup;

import dev.raftkv.model.Code;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.SavedKey;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.CRC32C;
import java.util.zip.ZipException;

/**
 * Reads a backup, plain or gzip, and checks all of it on the way; no more than a line is in memory. What is wrong is a
 * {@link KvException} of {@link Code#INVALID} that names the line. Only who has read to the end knows that nothing is.
 * Belongs to one thread.
 */
final class BackupReader implements AutoCloseable {
    private static final byte[] END = "{\"keys\":".getBytes(StandardCharsets.US_ASCII);
    private static final int GZIP = 0x1f;

    private final InputStream in;
    private final int maxValueBytes;
    private final int maxLine;
    private final BackupEnd end = new BackupEnd();
    private final CRC32C checksum = new CRC32C();
    /** What the checksum has to be at the end, if the file was checked before. */
    private final OptionalLong checked;

    private final byte[] buffer = new byte[64 * 1024];
    private int from;
    private int to;
    private byte[] line = new byte[4096];
    private long number;
    private Key before;
    private final BackupHeader header;

    /**
     * Reads the first line.
     *
     * @param maxValueBytes the longest value that the store takes
     */
    BackupReader(InputStream file, int maxValueBytes) throws IOException {
        this(file, maxValueBytes, OptionalLong.empty());
    }

    private BackupReader(InputStream file, int maxValueBytes, OptionalLong checked) throws IOException {
        this.in = plain(file);
        this.checked = checked;
        this.maxValueBytes = maxValueBytes;
        this.maxLine = (int) Math.min(
                Integer.MAX_VALUE - 16,
                (long) BackupLine.TIMES_THE_VALUE * maxValueBytes + BackupLine.ALL_BUT_THE_VALUE);
        byte[] first = nextLine();
        try {
            this.header = BackupHeader.read(first);
        } catch (KvException e) {
            throw refused(e.getMessage(), e);
        }
        count(first);
    }

    /**
     * Reads a file again that has been read to its end. Its SHA-256, which takes longer than all else, is taken as known, and
     * a cheaper checksum shows whether the file is still the same.
     */
    static BackupReader again(InputStream file, BackupReader before) throws IOException {
        return new BackupReader(file, before.maxValueBytes, OptionalLong.of(before.checksum.getValue()));
    }

    private static InputStream plain(InputStream file) throws IOException {
        BufferedInputStream looked = new BufferedInputStream(file, 64 * 1024);
        looked.mark(1);
        int first = looked.read();
        looked.reset();
        return first == GZIP ? new Gunzip(looked) : looked;
    }

    BackupHeader header() {
        return header;
    }

    /** The next key; empty at the end, when all was found right. */
    Optional<SavedKey> next() throws IOException {
        byte[] next = nextLine();
        if (Arrays.equals(next, 0, Math.min(next.length, END.length), END, 0, END.length)) {
            checkEnd(next);
            return Optional.empty();
        }
        SavedKey key;
        try {
            key = BackupLine.read(next);
        } catch (KvException e) {
            throw refused(e.getMessage(), e);
        }
        check(key);
        before = key.key();
        count(next);
        end.countKey();
        return Optional.of(key);
    }

    private void count(byte[] counted) {
        checksum.update(counted);
        if (checked.isEmpty()) {
            end.add(counted);
            end.addLineEnd();
        }
    }

    private void check(SavedKey key) {
        int order = before == null
                ? -1
                : Arrays.compareUnsigned(before.utf8(), key.key().utf8());
        if (order == 0) {
            throw refused("its key is that of the line before", null);
        }
        if (order > 0) {
            throw refused("its key belongs before that of the line before", null);
        }
        if (!header.prefix().covers(key.key())) {
            throw refused("its key does not start with the prefix of the first line", null);
        }
        if (key.changeRevision() > header.revision()) {
            throw refused("its change_revision is higher than the revision of the first line", null);
        }
        if (key.value().length() > maxValueBytes) {
            throw refused(
                    "its value has " + key.value().length() + " bytes, and this cluster takes " + maxValueBytes
                            + " (RAFT_MAX_VALUE_BYTES)",
                    null);
        }
    }

    private void checkEnd(byte[] last) throws IOException {
        checksum.update(last);
        if (checked.isPresent()) {
            if (checksum.getValue() != checked.getAsLong()) {
                throw new IOException("the file of the backup has changed since it was checked");
            }
            return;
        }
        long keys = end.keys();
        byte[] right = end.line();
        if (!Arrays.equals(last, 0, last.length, right, 0, right.length - 1)) {
            throw refused(
                    "the count or the SHA-256 of the last line is not that of the lines before it: the backup is damaged",
                    null);
        }
        if (keys != header.keys()) {
            throw refused("there are " + keys + " keys, and the first line tells of " + header.keys(), null);
        }
        int more = read();
        if (more >= 0) {
            number++;
            throw refused("nothing may follow the line with the SHA-256", null);
        }
    }

    /** Without its end, which has to be there. */
    private byte[] nextLine() throws IOException {
        number++;
        int length = 0;
        int lineEnd = lineEnd();
        while (lineEnd == to) {
            length = take(length, lineEnd);
            fill();
            if (from == to) {
                throw refused("it ends here, without the line with the SHA-256: the backup is cut short", null);
            }
            lineEnd = lineEnd();
        }
        length = take(length, lineEnd);
        from++;
        return Arrays.copyOf(line, length);
    }

    /** Where the line ends in the buffer, or the buffer itself. */
    private int lineEnd() {
        for (int i = from; i < to; i++) {
            if (buffer[i] == '\n') {
                return i;
            }
        }
        return to;
    }

    private int take(int length, int until) {
        int more = until - from;
        if (more > maxLine - length) {
            throw refused("it has more than " + maxLine + " bytes, which no line of this cluster has", null);
        }
        if (more > line.length - length) {
            line = Arrays.copyOf(line, (int) Math.min(maxLine, Math.max(length + more, 2L * length)));
        }
        System.arraycopy(buffer, from, line, length, more);
        from = until;
        return length + more;
    }

    private int read() throws IOException {
        if (from == to) {
            fill();
        }
        return from < to ? buffer[from++] & 0xFF : -1;
    }

    private void fill() throws IOException {
        from = 0;
        try {
            to = Math.max(0, in.read(buffer));
        } catch (ZipException | EOFException e) {
            to = 0;
            throw refused(e.getMessage() + ": the backup is damaged", e);
        }
    }

    private KvException refused(String reason, Exception cause) {
        return new KvException(Code.INVALID, "line " + number + " of the backup: " + reason, cause);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
