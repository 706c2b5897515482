package dev.raftkv.consul.compare;

import java.util.Map;
import java.util.TreeMap;

/** Which index of one Consul is which of another: they are other numbers, but equal where those are, and in their order. */
public final class IndexOrder {
    private final TreeMap<Long, Long> others = new TreeMap<>(Map.of(0L, 0L));

    /** Takes note of two that are the same; empty if they can be, else why not. */
    public String learn(long one, long other) {
        Long known = others.get(one);
        if (known != null) {
            return known == other ? "" : one + " is " + known + " there, not " + other;
        }
        Map.Entry<Long, Long> below = others.lowerEntry(one);
        Map.Entry<Long, Long> above = others.higherEntry(one);
        if (below != null && below.getValue() >= other || above != null && above.getValue() <= other) {
            return one + " cannot be " + other + " there: it is between " + below + " and " + above;
        }
        others.put(one, other);
        return "";
    }

    boolean knows(long one) {
        return others.containsKey(one);
    }

    /** What an index is called there; itself if it is not known. */
    public long other(long one) {
        return others.getOrDefault(one, one);
    }
}
