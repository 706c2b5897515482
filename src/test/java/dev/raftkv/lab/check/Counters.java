package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Counting;
import dev.raftkv.lab.history.NodeStore;
import dev.raftkv.lab.history.Outcome;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Counters count: a sum that anybody saw has each add that was acknowledged before it was asked for, none that was refused or
 * begun after its answer, and none twice. Each change of a counter is one add. What has a name is counted once, however often it
 * was sent.
 */
final class Counters {
    static final String NAME = "counters";

    /**
     * A sum that somebody saw.
     *
     * @param add whose answer it is, null for a read or a store
     */
    private record Seen(String where, BigInteger sum, long revision, long start, long end, Counting add) {}

    private final Evidence evidence;
    private final String key;
    private final Map<Integer, List<Counting>> lanes;
    private final List<Seen> seen = new ArrayList<>();
    private final Faults faults;

    private Counters(Evidence evidence, String key, List<Counting> countings, Faults faults) {
        this.evidence = evidence;
        this.key = key;
        this.faults = faults;
        this.lanes = countings.stream()
                .filter(Counting::isAdd)
                .collect(Collectors.groupingBy(Counting::lane, TreeMap::new, Collectors.toList()));
        for (Counting counting : countings) {
            if (counting.isDone()) {
                seen.add(new Seen(
                        tell(counting),
                        counting.sum(),
                        counting.revision(),
                        counting.start(),
                        counting.end(),
                        counting.isAdd() ? counting : null));
            }
        }
        for (NodeStore store : evidence.stores()) {
            Optional<NodeStore.Entry> entry = store.entries().stream()
                    .filter(each -> each.key().equals(key))
                    .findAny();
            seen.add(new Seen(
                    "the store of " + store.node(),
                    entry.map(each -> new BigInteger(each.value())).orElse(BigInteger.ZERO),
                    entry.map(NodeStore.Entry::changeRevision).orElse(0L),
                    Long.MAX_VALUE,
                    Long.MAX_VALUE,
                    null));
        }
    }

    static Verdict check(Evidence evidence) {
        Faults faults = new Faults(NAME);
        List<Counting> all = evidence.history().countings();
        Map<String, List<Counting>> keys =
                all.stream().collect(Collectors.groupingBy(Counting::key, TreeMap::new, Collectors.toList()));
        keys.forEach((key, countings) -> new Counters(evidence, key, countings, faults).look());
        List<Counting> adds = all.stream().filter(Counting::isAdd).toList();
        return faults.verdict(keys.size() + " counters, " + (all.size() - adds.size()) + " reads, " + adds.size()
                + " adds, of which " + count(adds, false, Outcome.UNKNOWN) + " without a name and "
                + count(adds, true, Outcome.UNKNOWN) + " with one are of unknown end; "
                + adds.stream().filter(add -> add.named() && add.attempts() > 1).count()
                + " were sent again until they were answered");
    }

    private static long count(List<Counting> adds, boolean named, Outcome outcome) {
        return adds.stream()
                .filter(add -> add.named() == named && add.outcome() == outcome)
                .count();
    }

    private void look() {
        seen.forEach(this::lookAtSum);
        lookAtOrder();
        lookAtChanges();
    }

    private void lookAtSum(Seen look) {
        BigInteger rest = look.sum;
        for (Map.Entry<Integer, List<Counting>> lane : lanes.entrySet()) {
            long least = 0;
            long most = 0;
            for (Counting add : lane.getValue()) {
                boolean own = add.equals(look.add);
                least += own || add.isDone() && add.end() < look.start ? 1 : 0;
                most += own || add.outcome() != Outcome.REFUSED && add.start() < look.end ? 1 : 0;
            }
            long times = Counting.times(look.sum, lane.getKey());
            rest = rest.subtract(Counting.unit(lane.getKey()).multiply(BigInteger.valueOf(times)));
            if (times < least || times > most) {
                faults.add(key + " has " + times + " adds in lane " + lane.getKey() + ", where " + least
                        + (most > least ? " to " + most : "") + " can be: " + look.where);
            }
        }
        if (rest.signum() != 0) {
            faults.add(key + " has " + rest + " that nobody added: " + look.where);
        }
    }

    /** A later revision has more, and a revision has one sum. */
    private void lookAtOrder() {
        Seen before = null;
        for (Seen next : seen.stream()
                .filter(each -> each.revision >= 0)
                .sorted(Comparator.comparingLong(Seen::revision).thenComparing(each -> each.add == null))
                .toList()) {
            if (before != null) {
                int change = next.sum.compareTo(before.sum);
                boolean same = next.revision == before.revision;
                if (same ? change != 0 : change <= 0) {
                    faults.add(key + " is " + before.sum + " at revision " + before.revision + ", and " + next.sum
                            + " at " + next.revision + ":\n  " + before.where + "\n  " + next.where);
                }
                if (same && next.add != null && before.add != null) {
                    faults.add("two adds made one change of " + key + ":\n  " + before.where + "\n  " + next.where);
                }
            }
            before = next;
        }
    }

    /** Of what watchers saw without a gap, each change is one add more. */
    private void lookAtChanges() {
        ChangeLog log = evidence.log();
        Optional<Change> next = log.nextOf(key, log.start());
        BigInteger before = null;
        while (next.isPresent() && log.knows(next.get().revision())) {
            Change change = next.get();
            BigInteger sum = change.isPut() ? new BigInteger(change.value()) : BigInteger.ZERO;
            BigInteger more = before == null ? null : sum.subtract(before);
            if (!change.isPut()
                    || more != null && lanes.keySet().stream().noneMatch(lane -> more.equals(Counting.unit(lane)))) {
                faults.add("a change of " + key + " is not one add: the " + change + ", which was " + before);
            }
            before = sum;
            next = log.nextOf(key, change.revision());
        }
    }

    private String tell(Counting counting) {
        String what = counting.isAdd()
                ? "client " + counting.client() + " added in lane " + counting.lane()
                        + (counting.named() ? " by name" : "")
                : "client " + counting.client() + " read";
        return what + " between " + evidence.tell(counting.start()) + " and " + evidence.tell(counting.end()) + ", got "
                + counting.sum() + " at revision " + counting.revision();
    }
}
