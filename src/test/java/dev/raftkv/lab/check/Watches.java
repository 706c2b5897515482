package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Sight;
import dev.raftkv.lab.history.Watcher;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Each watcher saw each change of its keys once, in order and without a gap, however often it had to connect again, and all
 * saw the same. It was told that changes are not kept any more only if that many had come.
 */
final class Watches {
    static final String NAME = "watches";

    /** So many changes are kept at least, as long as they are small. */
    private static final int KEPT = 10_000;

    private final Evidence evidence;
    private final Faults faults = new Faults(NAME);
    private long events;
    private long connections;
    private long gone;

    private Watches(Evidence evidence) {
        this.evidence = evidence;
    }

    static Verdict check(Evidence evidence) {
        Watches check = new Watches(evidence);
        evidence.log().contradictions().forEach(check.faults::add);
        for (Watcher watcher : evidence.history().watchers()) {
            check.look(watcher, evidence.history().sights(watcher));
        }
        check.lookForHoles();
        return check.faults.verdict(evidence.history().watchers().size() + " watchers, " + check.connections
                + " connections, " + check.events + " events, " + check.gone + " times gone");
    }

    /** Each revision has changes, which who watches all must have seen; others may have watched a moment longer. */
    private void lookForHoles() {
        ChangeLog log = evidence.log();
        boolean somebodySeesAll = evidence.history().watchers().stream()
                .anyMatch(watcher -> !watcher.exact() && watcher.text().isEmpty());
        if (somebodySeesAll && gone == 0 && log.end() < Math.min(log.last(), evidence.lastAcknowledged())) {
            faults.add("nobody saw revision " + (log.end() + 1) + ", though later ones were seen");
        }
    }

    private void look(Watcher watcher, List<Sight> sights) {
        String name =
                "watcher " + watcher.number() + " of " + (watcher.exact() ? watcher.text() : watcher.text() + "*");
        Set<String> seen = new HashSet<>();
        List<long[]> skipped = new ArrayList<>();
        long start = -1;
        long position = -1;
        long last = -1;
        for (Sight sight : sights) {
            switch (sight.what()) {
                case OPEN -> {
                    connections++;
                    if (start < 0) {
                        start = sight.revision();
                        position = start;
                        last = start;
                    }
                }
                case PUT, DELETE, EXPIRE -> {
                    events++;
                    String change = Change.of(sight).toString();
                    if (!watcher.covers(sight.key())) {
                        faults.add(name + " saw the " + change + ", which it did not ask for");
                    }
                    if (!seen.add(sight.revision() + " " + sight.key())) {
                        faults.add(name + " saw the " + change + " twice, at " + evidence.tell(sight.time()));
                    } else if (sight.revision() < last || sight.revision() <= start) {
                        faults.add(name + " saw the " + change + " after revision " + last + ", at "
                                + evidence.tell(sight.time()));
                    }
                    last = Math.max(last, sight.revision());
                    position = Math.max(position, whole(sight.id(), sight.revision()));
                }
                case POSITION -> position = Math.max(position, whole(sight.id(), 0));
                case GONE -> {
                    gone++;
                    lookAtGone(name, position, sight);
                    if (sight.revision() > position + 1) {
                        skipped.add(new long[] {position, sight.revision() - 1});
                        position = sight.revision() - 1;
                    }
                }
                case END -> {}
            }
        }
        lookForGaps(name, watcher, seen, skipped, start, position);
        lookAtEnd(name, watcher, position);
    }

    private void lookAtGone(String name, long position, Sight sight) {
        long since = evidence.history().sights().stream()
                .filter(other -> other.what().isChange() && other.revision() > position && other.time() < sight.time())
                .map(other -> other.revision() + " " + other.key())
                .distinct()
                .count();
        if (since < KEPT * 9 / 10) {
            faults.add(name + " was told that what follows " + position + " is gone, after " + since
                    + " changes only, at " + evidence.tell(sight.time()));
        }
    }

    private void lookForGaps(
            String name, Watcher watcher, Set<String> seen, List<long[]> skipped, long start, long position) {
        Collection<Map<String, Change>> expected = evidence.log().between(start, position);
        expected.stream()
                .flatMap(revision -> revision.values().stream())
                .filter(change -> watcher.covers(change.key()))
                .filter(change -> !seen.contains(change.revision() + " " + change.key()))
                .filter(change -> skipped.stream()
                        .noneMatch(range -> change.revision() > range[0] && change.revision() <= range[1]))
                .forEach(change -> faults.add(name + " missed the " + change + ", and came to " + position));
    }

    private void lookAtEnd(String name, Watcher watcher, long position) {
        evidence.log().between(position, evidence.lastAcknowledged()).stream()
                .flatMap(revision -> revision.values().stream())
                .filter(change -> watcher.covers(change.key()))
                .findFirst()
                .ifPresent(change -> faults.add(
                        name + " did not see the end: it came to " + position + ", but there is the " + change));
    }

    /** Up to which revision all was seen, by an event id such as {@code 57}, or {@code 57.3} in the middle of one. */
    private static long whole(String id, long revision) {
        int end = 0;
        while (end < id.length() && Character.isDigit(id.charAt(end))) {
            end++;
        }
        if (end == 0) {
            return revision;
        }
        long number = Long.parseLong(id.substring(0, end));
        return end < id.length() && id.charAt(end) == '.' ? number - 1 : number;
    }
}
