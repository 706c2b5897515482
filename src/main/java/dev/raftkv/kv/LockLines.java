package dev.raftkv.kv;

import dev.raftkv.model.Change;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Write;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * Who waits for what, in lines; of each line one at most is looked after at a time, and is in none meanwhile. Whoever has taken a
 * waiter out answers it. Thread-safe; nothing here waits for anything.
 */
final class LockLines {
    /** So many requests may wait on a node. */
    static final int MOST = 10_000;

    /** So many bytes may the values have that they bring. */
    static final long MOST_BYTES = 4L << 20;

    private final Map<String, Line> lines = new HashMap<>();
    private volatile int waiting;
    private long bytes;
    private boolean closed;

    /**
     * A request that waits.
     *
     * @param write with a {@link OfSession.Take}
     * @param deadline a time of {@link System#nanoTime}
     */
    record Waiter(Write write, Duration patience, long deadline, CompletableFuture<Outcome> end) {
        OfSession.Take take() {
            return (OfSession.Take) write.command();
        }
    }

    /** Who waits for one thing. */
    static final class Line {
        private final String name;
        private final Deque<Waiter> waiters = new ArrayDeque<>();
        /** Whether one is just being looked after. */
        private boolean busy;
        /** Whether something has changed meanwhile. */
        private boolean again;
        /** The cluster time from which on it is worth a look, whatever changes. */
        private long due = Long.MAX_VALUE;

        private Line(String name) {
            this.name = name;
        }
    }

    int waiting() {
        return waiting;
    }

    /**
     * Lets one wait behind all others.
     *
     * @return the line, if nobody else waits in it, so that it is worth a look
     * @throws KvException {@code UNAVAILABLE} if too many wait, or no more may
     */
    synchronized Optional<Line> join(Waiter waiter) {
        if (closed) {
            throw stopping();
        }
        int length = waiter.take().value().length();
        if (waiting >= MOST || bytes + length > MOST_BYTES) {
            throw new KvException(
                    Code.UNAVAILABLE,
                    "too many requests wait for keys of sessions on this node, or with too large values: nothing was"
                            + " changed; try again later, or ask without wait");
        }
        waiting++;
        bytes += length;
        Line line = lines.computeIfAbsent(waiter.take().line(), Line::new);
        line.waiters.addLast(waiter);
        return line.waiters.size() == 1 ? Optional.of(line) : Optional.empty();
    }

    /** Takes the first one out, to look after it until it is {@link #putBack} or {@link #served}; empty if that is done already. */
    synchronized Optional<Waiter> next(Line line) {
        if (line.busy) {
            line.again = true;
            return Optional.empty();
        }
        Optional<Waiter> first = Optional.ofNullable(line.waiters.pollFirst());
        line.busy = first.isPresent();
        line.again = false;
        line.due = Long.MAX_VALUE;
        if (first.isEmpty()) {
            lines.remove(line.name, line);
        }
        return first;
    }

    /**
     * It has to wait on.
     *
     * @param due the cluster time from which on it is worth a look, whatever changes
     * @return whether something has changed meanwhile, so that it is worth a look at once
     * @throws KvException {@code UNAVAILABLE} if nobody may wait any more
     */
    synchronized boolean putBack(Line line, Waiter first, long due) {
        line.busy = false;
        if (closed) {
            throw stopping();
        }
        line.due = due;
        line.waiters.addFirst(first);
        return line.again;
    }

    /**
     * It does not wait any more.
     *
     * @param hasIt whether its session has what it wanted: others that wait for the same session have it, too, and would wait
     *     for themselves
     */
    synchronized void served(Line line, Waiter first, boolean hasIt) {
        line.busy = false;
        Predicate<Waiter> same =
                other -> other.take().session().equals(first.take().session());
        List<Waiter> some = hasIt ? line.waiters.stream().filter(same).toList() : List.of();
        if (!some.isEmpty()) {
            line.waiters.removeIf(same);
            some.forEach(line.waiters::addFirst);
        }
    }

    /** One that was taken out was answered. */
    synchronized void left(Waiter waiter) {
        waiting--;
        bytes -= waiter.take().value().length();
    }

    /** Those whom a change may concern; all of them, if it is not known what has changed. */
    synchronized Collection<Line> of(Optional<List<Change>> changes) {
        if (changes.isEmpty()) {
            return List.copyOf(lines.values());
        }
        Set<Line> found = new LinkedHashSet<>();
        for (Change change : changes.get()) {
            Optional.ofNullable(lines.get(change.key().text())).ifPresent(found::add);
            OfSession.Slot.lineOf(change.key()).map(lines::get).ifPresent(found::add);
        }
        return found;
    }

    /** Those that are worth a look at a cluster time. */
    synchronized List<Line> due(long time) {
        return lines.values().stream().filter(line -> line.due <= time).toList();
    }

    /** The sessions of all who wait. */
    synchronized Set<UUID> sessions() {
        Set<UUID> all = new HashSet<>();
        lines.values()
                .forEach(line ->
                        line.waiters.forEach(waiter -> all.add(waiter.take().session())));
        return all;
    }

    /** Takes out all of a kind that are not just looked after. Those behind may have to wait for less: their lines are due. */
    synchronized List<Waiter> takeOut(Predicate<Waiter> which) {
        List<Waiter> out = new ArrayList<>();
        for (Line line : lines.values()) {
            if (line.waiters.removeIf(waiter -> which.test(waiter) && out.add(waiter))) {
                line.due = 0;
            }
        }
        lines.values().removeIf(line -> !line.busy && line.waiters.isEmpty());
        return out;
    }

    /** Nobody may wait any more. */
    synchronized void close() {
        closed = true;
    }

    static KvException stopping() {
        return new KvException(Code.UNAVAILABLE, "this node is stopping: ask another node");
    }
}
