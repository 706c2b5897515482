package dev.raftkv.kv;

import dev.raftkv.model.Key;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Finds the watches that a key is of interest to, however many there are. Used under the lock of its hub. */
final class Interests {
    private final Map<String, Set<Watch>> byKey = new HashMap<>();

    /** By the length of the prefix in chars, so that a key is looked up once for each length that occurs. */
    private final TreeMap<Integer, Map<String, Set<Watch>>> byPrefix = new TreeMap<>();

    void add(Watch watch) {
        if (watch.interest.isInSessions()) {
            return;
        }
        index(watch).computeIfAbsent(name(watch), name -> new HashSet<>()).add(watch);
    }

    void remove(Watch watch) {
        if (watch.interest.isInSessions()) {
            return;
        }
        Map<String, Set<Watch>> index = index(watch);
        index.computeIfPresent(name(watch), (name, watches) -> {
            watches.remove(watch);
            return watches.isEmpty() ? null : watches;
        });
        if (index.isEmpty() && watch.interest.key().isEmpty()) {
            byPrefix.remove(name(watch).length());
        }
    }

    void clear() {
        byKey.clear();
        byPrefix.clear();
    }

    List<Watch> of(Key key) {
        List<Watch> found = new ArrayList<>(byKey.getOrDefault(key.text(), Set.of()));
        String text = key.text();
        byPrefix.headMap(text.length(), true)
                .forEach((length, watches) -> found.addAll(watches.getOrDefault(text.substring(0, length), Set.of())));
        return found;
    }

    private Map<String, Set<Watch>> index(Watch watch) {
        return watch.interest.key().isPresent()
                ? byKey
                : byPrefix.computeIfAbsent(name(watch).length(), length -> new HashMap<>());
    }

    private static String name(Watch watch) {
        return watch.interest
                .key()
                .map(Key::text)
                .orElse(watch.interest.prefix().text());
    }
}
