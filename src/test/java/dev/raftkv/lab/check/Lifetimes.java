package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Operation;
import dev.raftkv.lab.history.Sight;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * No key expires before its time is over, by the clock of the clients: its time begins after it was sent. How late keys expire
 * is told.
 */
final class Lifetimes {
    static final String NAME = "times to live";

    /** Cluster time counts whole milliseconds. */
    private static final long TOLERANCE = 1_000_000;

    private final Evidence evidence;
    private final Faults faults = new Faults(NAME);
    private final Map<Change, Long> seen = new HashMap<>();
    private final Map<String, List<Operation>> nothingFound = new HashMap<>();
    private final List<Long> delays = new ArrayList<>();
    private long count;

    private Lifetimes(Evidence evidence) {
        this.evidence = evidence;
        for (Operation read : evidence.operations()) {
            if (read.isDone() && read.request().isRead() && read.answer().value() == null) {
                nothingFound
                        .computeIfAbsent(read.request().key(), key -> new ArrayList<>())
                        .add(read);
            }
        }
        for (Sight sight : evidence.history().sights()) {
            if (sight.what() == Sight.What.EXPIRE) {
                seen.merge(Change.of(sight), sight.time(), Math::min);
            }
        }
    }

    static Verdict check(Evidence evidence) {
        Lifetimes check = new Lifetimes(evidence);
        evidence.operations().stream()
                .filter(operation -> operation.isDone() && operation.request().ttlSeconds() > 0)
                .forEach(check::look);
        check.lookForStrangers();
        return check.faults.verdict(check.count + " keys with a time to live; " + check.delays());
    }

    private void look(Operation write) {
        count++;
        String key = write.request().key();
        long revision = write.answer().storeRevision();
        long life = write.request().ttlSeconds() * 1_000_000_000L;
        Optional<Change> next = evidence.log().nextOf(key, revision);
        if (next.isPresent() && next.get().what() == Sight.What.EXPIRE) {
            long time = seen.get(next.get());
            early(write, time, "the " + next.get() + " was seen");
            delays.add(time - write.end() - life);
        }
        if (next.isPresent() && next.get().what() != Sight.What.EXPIRE) {
            return;
        }
        long end = next.map(Change::revision).orElse(Long.MAX_VALUE);
        nothingFound.getOrDefault(key, List.of()).stream()
                .filter(read -> read.start() > write.end())
                .filter(read -> read.answer().storeRevision() >= revision)
                .filter(read -> end == Long.MAX_VALUE
                        || evidence.log()
                                .nextOf(key, end)
                                .map(change -> read.answer().storeRevision() < change.revision())
                                .orElse(true))
                .forEach(read -> early(write, read.end(), "a read found nothing: " + evidence.tell(read)));
    }

    private void early(Operation write, long time, String what) {
        long over = write.start() + write.request().ttlSeconds() * 1_000_000_000L;
        if (time < over - TOLERANCE) {
            faults.add("early by " + Words.millis(over - time) + ": " + what + " at " + evidence.tell(time) + ", of "
                    + evidence.tell(write));
        }
    }

    /** Keys without a time to live do not expire. */
    private void lookForStrangers() {
        for (Change change : seen.keySet()) {
            Optional<Change> stored = evidence.log().lastOf(change.key(), change.revision() - 1);
            Operation writer =
                    stored.map(Change::value).map(evidence.writers()::get).orElse(null);
            if (writer != null && writer.request().ttlSeconds() == 0) {
                faults.add("the " + change + ", which had no time to live: " + evidence.tell(writer));
            }
        }
    }

    private String delays() {
        if (delays.isEmpty()) {
            return "none was seen to expire";
        }
        Collections.sort(delays);
        return delays.size() + " were seen to expire, late by " + Words.millis(delays.get(delays.size() / 2))
                + " (median), " + Words.millis(delays.get(delays.size() * 99 / 100)) + " (99 %), "
                + Words.millis(delays.get(delays.size() - 1)) + " (most)";
    }
}
