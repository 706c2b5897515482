package dev.raftkv.raft.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * A note, beside a group's log, of an entry that the log must reach at the next start: one that was synced here and committed.
 * The store tells less, because it is not synced itself, and because entries that change nothing are not written there. An
 * entry that is not committed tells nothing: another leader may take it back.
 *
 * <p>Written now and then, so it lags; and not synced, because an older note, or none, asks for less.
 */
public final class SyncedMark {
    private static final int BYTES = 2 * Long.BYTES;

    private final Path file;
    private long known = -1;

    /** @param group the group's directory */
    public SyncedMark(Path group) {
        this.file = group.resolve("synced");
    }

    /** Notes the index, if it is higher than the one that was noted or read last. */
    public synchronized void write(long index) throws IOException {
        if (index <= known) {
            return;
        }
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.write(next, encode(index));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        known = index;
    }

    /** The index that was noted last; -1 if none was, or the note is damaged. */
    public synchronized long read() throws IOException {
        if (Files.exists(file)) {
            byte[] bytes = Files.readAllBytes(file);
            long index = bytes.length == BYTES ? ByteBuffer.wrap(bytes).getLong() : -1;
            if (Arrays.equals(bytes, encode(index))) {
                known = index;
            }
        }
        return known;
    }

    private static byte[] encode(long index) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES).putLong(index);
        CRC32C checksum = new CRC32C();
        checksum.update(bytes.array(), 0, Long.BYTES);
        return bytes.putLong(checksum.getValue()).array();
    }
}
