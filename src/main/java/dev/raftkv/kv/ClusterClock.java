package dev.raftkv.kv;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Cluster time in milliseconds, by which keys expire. Leaders stamp it into their log entries. Each node reckons from the
 * last entry that it has applied, and from no other, with the speed of its own clock: it does not depend on the date of any
 * machine, and no key expires early. While no node runs it stands still; a leader that has just been started may lag. Why
 * this is so is told in DESIGN.md.
 *
 * <p>The first leader of a cluster starts it at its own date. Thread-safe.
 */
public final class ClusterClock {
    /**
     * The time of an entry.
     *
     * @param time cluster time in milliseconds
     * @param nanos what this node's own clock showed when that millisecond began
     */
    public record Stamp(long time, long nanos) {
        private Stamp at(long now) {
            long elapsed = TimeUnit.NANOSECONDS.toMillis(Math.max(0, now - nanos));
            return new Stamp(time + elapsed, nanos + TimeUnit.MILLISECONDS.toNanos(elapsed));
        }
    }

    private final LongSupplier nanoTime;
    private final LongSupplier date;

    /** Null as long as no entry with a time was applied. */
    private Stamp last;

    /** What the first leader starts at; null until this node is it. Forgotten by nobody else's entry: {@link #last} goes before. */
    private Stamp origin;

    public ClusterClock() {
        this(System::nanoTime, System::currentTimeMillis);
    }

    /**
     * @param nanoTime the node's own clock, as {@link System#nanoTime}
     * @param date as {@link System#currentTimeMillis}
     */
    ClusterClock(LongSupplier nanoTime, LongSupplier date) {
        this.nanoTime = nanoTime;
        this.date = date;
    }

    /** The node holds another store now, whose last entry has this time, or 0 for none. */
    public synchronized void reset(long time) {
        last = null;
        origin = null;
        applied(time);
    }

    /** An entry that another node, or another run of this one, has made was applied just now; its time may be 0 for none. */
    public synchronized void applied(long time) {
        applied(new Stamp(time, nanoTime.getAsLong()));
    }

    /** An entry that was made here with this stamp was applied. To be called in the order of the log, as for others'. */
    public synchronized void applied(Stamp made) {
        if (made.time > 0) {
            // The store takes a time before that of an earlier entry for that one. This entry's keys live from then,
            // too.
            last = last == null || made.time > last.time ? made : new Stamp(last.time, made.nanos);
        }
    }

    /** For an entry that this node, as a leader that has applied all entries of its predecessors, is about to make. */
    public synchronized Stamp stamp() {
        if (last == null && origin == null) {
            origin = new Stamp(date.getAsLong(), nanoTime.getAsLong());
        }
        return (last == null ? origin : last).at(nanoTime.getAsLong());
    }

    /** What this node knows of the time, 0 if nothing. */
    public synchronized long now() {
        return last == null ? 0 : last.at(nanoTime.getAsLong()).time;
    }

    /** How long the last entry with a time was made or applied here, in milliseconds; 0 if none was. */
    public synchronized long silence() {
        return last == null ? 0 : now() - last.time;
    }
}
