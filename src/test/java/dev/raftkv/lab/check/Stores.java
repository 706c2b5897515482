package dev.raftkv.lab.check;

import dev.raftkv.lab.history.NodeStore;
import dev.raftkv.lab.history.NodeStore.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/** All nodes have the same in the end, which is what follows from the changes that were seen. */
final class Stores {
    static final String NAME = "stores";

    private Stores() {}

    static Verdict check(Evidence evidence) {
        Faults faults = new Faults(NAME);
        List<NodeStore> stores = evidence.stores();
        for (int i = 1; i < stores.size(); i++) {
            NodeStore one = stores.get(0);
            NodeStore other = stores.get(i);
            if (one.revision() != other.revision()) {
                faults.add(one.node() + " is at revision " + one.revision() + ", " + other.node() + " at "
                        + other.revision());
            }
            compare(one.node(), one.entries(), other.node(), other.entries(), faults);
        }
        for (NodeStore store : stores) {
            if (evidence.log().knows(store.revision())) {
                List<Entry> replayed = replayed(evidence.log(), store.revision());
                List<Entry> changed = store.entries().stream()
                        .filter(entry -> entry.changeRevision() > evidence.log().start())
                        .toList();
                compare(store.node(), changed, "the changes that were seen", replayed, faults);
            }
        }
        return faults.verdict(stores.size() + " stores"
                + (stores.isEmpty()
                        ? ""
                        : " with " + stores.get(0).entries().size() + " keys at revision "
                                + stores.get(0).revision()));
    }

    private static List<Entry> replayed(ChangeLog log, long revision) {
        List<Entry> entries = new ArrayList<>();
        for (String key : log.keys()) {
            log.stateOf(key, revision)
                    .ifPresent(put -> entries.add(
                            new Entry(key, put.value(), put.createRevision(), put.revision(), put.version())));
        }
        return entries;
    }

    private static void compare(String one, List<Entry> entries, String other, List<Entry> others, Faults faults) {
        Map<String, Entry> first = byKey(entries);
        Map<String, Entry> second = byKey(others);
        TreeSet<String> keys = new TreeSet<>(first.keySet());
        keys.addAll(second.keySet());
        for (String key : keys) {
            if (!Objects.equals(first.get(key), second.get(key))) {
                faults.add("key " + key + ": " + one + " has " + tell(first.get(key)) + ", " + other + " "
                        + tell(second.get(key)));
            }
        }
    }

    private static Map<String, Entry> byKey(List<Entry> entries) {
        Map<String, Entry> byKey = new TreeMap<>();
        entries.forEach(entry -> byKey.put(entry.key(), entry));
        return byKey;
    }

    private static String tell(Entry entry) {
        return entry == null
                ? "nothing"
                : entry.value() + " (created " + entry.createRevision() + ", changed " + entry.changeRevision()
                        + ", version " + entry.version() + ")";
    }
}
