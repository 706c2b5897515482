package dev.raftkv.lab.check;

import dev.raftkv.lab.history.History;
import dev.raftkv.lab.history.Sight;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All changes that anybody saw, put together: what each key was at each revision. It can be relied on from where the first
 * watcher of all keys began, up to the first revision that nobody saw.
 */
final class ChangeLog {
    private final NavigableMap<Long, Map<String, Change>> byRevision = new TreeMap<>();
    private final Map<String, NavigableMap<Long, Change>> byKey = new HashMap<>();
    private final List<String> contradictions = new ArrayList<>();
    private long start = Long.MAX_VALUE;
    private long end;

    /** The changes that the watchers of a history saw. */
    static ChangeLog of(History history) {
        ChangeLog log = new ChangeLog();
        log.start = history.sights().stream()
                .filter(sight -> sight.what() == Sight.What.OPEN)
                .mapToLong(Sight::revision)
                .min()
                .orElse(0);
        for (Sight sight : history.sights()) {
            if (sight.what().isChange()) {
                log.add(sight);
            }
        }
        log.end = log.start;
        while (log.byRevision.containsKey(log.end + 1)) {
            log.end++;
        }
        return log;
    }

    private void add(Sight sight) {
        Change change = Change.of(sight);
        Change known = byRevision
                .computeIfAbsent(change.revision(), revision -> new LinkedHashMap<>())
                .putIfAbsent(change.key(), change);
        if (known == null) {
            byKey.computeIfAbsent(change.key(), key -> new TreeMap<>()).put(change.revision(), change);
        } else if (!known.equals(change)) {
            contradictions.add("watcher " + sight.watcher() + " saw the " + change + " (created at "
                    + change.createRevision() + ", version " + change.version() + "), another the " + known
                    + " (created at " + known.createRevision() + ", version " + known.version() + ")");
        }
    }

    /** Where watchers saw different things of one change. */
    List<String> contradictions() {
        return contradictions;
    }

    /** Behind this revision all is known. */
    long start() {
        return start;
    }

    /** Up to this revision all is known. */
    long end() {
        return end;
    }

    /** The latest revision that anybody saw. */
    long last() {
        return byRevision.isEmpty() ? start : byRevision.lastKey();
    }

    boolean knows(long revision) {
        return revision >= start && revision <= end;
    }

    /** In the order of their revisions. */
    Collection<Map<String, Change>> revisions() {
        return byRevision.values();
    }

    /** The changes of one revision, in the order in which they were seen first. */
    Collection<Change> at(long revision) {
        return byRevision.getOrDefault(revision, Map.of()).values();
    }

    Optional<Change> change(long revision, String key) {
        return Optional.ofNullable(byRevision.getOrDefault(revision, Map.of()).get(key));
    }

    /** The last change of a key up to a revision. */
    Optional<Change> lastOf(String key, long revision) {
        return Optional.ofNullable(byKey.getOrDefault(key, new TreeMap<>()).floorEntry(revision))
                .map(Map.Entry::getValue);
    }

    /** The put that a key is of at a revision; empty if there is no such key. */
    Optional<Change> stateOf(String key, long revision) {
        return lastOf(key, revision).filter(Change::isPut);
    }

    /** The next change of a key behind a revision. */
    Optional<Change> nextOf(String key, long revision) {
        return Optional.ofNullable(byKey.getOrDefault(key, new TreeMap<>()).higherEntry(revision))
                .map(Map.Entry::getValue);
    }

    /** All changes behind a revision, up to another. */
    Collection<Map<String, Change>> between(long after, long upTo) {
        return upTo <= after
                ? List.of()
                : byRevision.subMap(after, false, upTo, true).values();
    }

    /** All keys that ever changed. */
    Collection<String> keys() {
        return byKey.keySet();
    }
}
