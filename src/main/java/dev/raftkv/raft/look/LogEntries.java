package dev.raftkv.raft.look;

import dev.raftkv.raft.disk.LogFrames;
import dev.raftkv.raft.disk.LogSegment;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;

/**
 * Reads entries one by one, up or down the log. Of each segment it first looks where those begin that are wanted, which are
 * bounded in number; a closed file is a renamed one, and is looked for again then. For one thread.
 */
final class LogEntries implements Iterator<LoggedEntry> {
    private final Path directory;
    private final boolean down;
    /** Where it begins, if it goes down. */
    private long newest;

    private List<LogSegment> segments;
    /** What is left, both included. */
    private long from;

    private long to;
    private LogSegment segment;
    private long placesFrom;
    private long[] places = {};
    private LoggedEntry next;

    LogEntries(Path directory, List<LogSegment> segments, long from, long to, boolean down) {
        this.directory = directory;
        this.segments = segments;
        this.from = from;
        this.to = to;
        this.newest = to;
        this.down = down;
    }

    @Override
    public boolean hasNext() {
        try {
            return next != null || advance();
        } catch (IOException e) {
            throw LogView.unreadable(e);
        }
    }

    @Override
    public LoggedEntry next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        LoggedEntry entry = next;
        next = null;
        return entry;
    }

    /**
     * Reads one entry ahead; whether there is one.
     *
     * @throws NoSuchFileException if the log has been purged up to here
     */
    boolean advance() throws IOException {
        long index = down ? to : from;
        try {
            if (from > to || !find(index)) {
                return false;
            }
            index = down ? to : from;
            LogEntryProto entry = read(index);
            if (entry.getIndex() != index) {
                throw new IOException(
                        segment.file() + " has entry " + entry.getIndex() + " in the place of entry " + index);
            }
            next = LogView.decode(entry);
        } catch (NoSuchFileException e) {
            if (down && index < newest) {
                // It was purged meanwhile: what has been read is all there is now.
                from = to + 1;
                return false;
            }
            throw e;
        }
        if (down) {
            to--;
        } else {
            from++;
        }
        return true;
    }

    private LogEntryProto read(long index) throws IOException {
        long place = places[(int) (index - placesFrom)];
        try {
            return LogFrames.read(segment, place);
        } catch (NoSuchFileException e) {
            segment = again(segment);
            return LogFrames.read(segment, place);
        }
    }

    /** Whether the log still has the entry; its place is known then. */
    private boolean find(long index) throws IOException {
        if (index >= placesFrom && index < placesFrom + places.length) {
            return true;
        }
        LogSegment holder = holder(index);
        if (holder == null) {
            return false;
        }
        long first = Math.max(from, holder.first());
        int count = (int) (Math.min(to, holder.last().orElse(to)) - first + 1);
        try {
            places = LogFrames.places(holder, first, count);
        } catch (NoSuchFileException e) {
            holder = again(holder);
            places = LogFrames.places(holder, first, count);
        }
        segment = holder;
        placesFrom = first;
        if (down && places.length < count) {
            // It was cut meanwhile: what is left of it is the newest.
            to = first + places.length - 1;
            newest = Math.min(newest, to);
        }
        return places.length > 0;
    }

    private LogSegment holder(long index) {
        LogSegment holder = null;
        for (LogSegment each : segments) {
            if (each.first() <= index && index <= each.last().orElse(Long.MAX_VALUE)) {
                holder = each;
            }
        }
        return holder;
    }

    private LogSegment again(LogSegment lost) throws IOException {
        segments = LogSegment.in(directory);
        return segments.stream()
                .filter(each -> each.first() == lost.first())
                .findFirst()
                .orElseThrow(() -> new NoSuchFileException(lost.file().toString()));
    }
}
