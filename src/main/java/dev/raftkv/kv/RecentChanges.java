package dev.raftkv.kv;

import dev.raftkv.model.Change;
import dev.raftkv.model.Cursor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The latest changes of a store, bounded in number and bytes; older ones are in its history. Used under the lock of its hub. */
final class RecentChanges {
    private static final int MAX_CHANGES = 4096;
    private static final long MAX_BYTES = 8 << 20;

    private final Change[] ring = new Change[MAX_CHANGES];
    private int first;
    private int size;
    private long bytes;
    private Cursor floor = Cursor.after(0);

    /** Forgets all; what follows the cursor will be added. */
    void clear(Cursor after) {
        Arrays.fill(ring, null);
        first = 0;
        size = 0;
        bytes = 0;
        floor = after;
    }

    void add(List<Change> changes) {
        for (Change change : changes) {
            if (size == MAX_CHANGES) {
                drop();
            }
            ring[(first + size++) % MAX_CHANGES] = change;
            bytes += change.size();
        }
        while (bytes > MAX_BYTES) {
            drop();
        }
    }

    private void drop() {
        Change oldest = ring[first];
        ring[first] = null;
        first = (first + 1) % MAX_CHANGES;
        size--;
        bytes -= oldest.size();
        floor = Cursor.after(oldest);
    }

    boolean holdsAllAfter(Cursor cursor) {
        return cursor.compareTo(floor) >= 0;
    }

    /** All changes behind a cursor, in order. */
    List<Change> after(Cursor cursor) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) / 2;
            if (cursor.isBefore(ring[(first + middle) % MAX_CHANGES])) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        List<Change> after = new ArrayList<>(size - low);
        for (int i = low; i < size; i++) {
            after.add(ring[(first + i) % MAX_CHANGES]);
        }
        return after;
    }
}
