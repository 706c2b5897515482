package dev.raftkv.store;

import dev.raftkv.codec.RowCodec;
import dev.raftkv.model.Key;
import dev.raftkv.model.Prefix;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import java.util.function.Predicate;

/** The keys that start with a prefix, within one write transaction and with its changes. */
public final class Ranges {
    private static final int KEYS_AT_ONCE = 1000;

    private final WriteTransaction keys;

    Ranges(WriteTransaction keys) {
        this.keys = keys;
    }

    private Table rows() {
        return keys.keyspace().rows();
    }

    /**
     * How many keys there are; empty if there are more than a limit. Cost: a step for each, up to the limit and one more.
     *
     * @param limit at least 0
     */
    public OptionalLong count(Prefix prefix, long limit) {
        long[] count = {0};
        rows().scanKeys(prefix.utf8(), key -> prefix.covers(key) && ++count[0] <= limit);
        return count[0] > limit ? OptionalLong.empty() : OptionalLong.of(count[0]);
    }

    /** Removes all of them; how many there were. */
    public long remove(Prefix prefix) {
        long count = 0;
        List<Key> some = some(prefix, prefix.utf8());
        while (!some.isEmpty()) {
            some.forEach(keys::delete);
            count += some.size();
            some = some(prefix, some.get(some.size() - 1).utf8());
        }
        return count;
    }

    /** The next keys, from one on: all of them may be more than memory should hold. */
    private List<Key> some(Prefix prefix, byte[] from) {
        List<Key> some = new ArrayList<>();
        rows().scanKeys(from, key -> prefix.covers(key) && some.size() < KEYS_AT_ONCE && some.add(Key.ofUtf8(key)));
        return some;
    }

    /**
     * Shows the revision of the last change of each key, in the order of the keys. Cost: reads the beginning of each row.
     *
     * @param visitor false if it has enough
     */
    public void changeRevisions(Prefix prefix, LongPredicate visitor) {
        Keyspace keyspace = keys.keyspace();
        rows().scanHeads(prefix.utf8(), RowCodec.HEAD_BYTES, (key, head) -> {
            if (!prefix.covers(key)) {
                return false;
            }
            keys.goesOn();
            return visitor.test(keyspace.history(head).changeRevision());
        });
    }

    /**
     * The first keys, in order, with the lengths of their values. Cost: reads the beginning of each row, and leaps once over what
     * starts with each of the other prefixes.
     *
     * @param without passes over what starts with one of these
     * @param wanted passes over the others, at the cost of a step for each
     * @param limit the most keys to find
     */
    public Map<Key, Integer> first(Prefix prefix, List<Prefix> without, Predicate<Key> wanted, int limit) {
        Map<Key, Integer> found = new LinkedHashMap<>();
        try (KeyCursor cursor = rows().cursor(RowCodec.HEAD_BYTES)) {
            byte[] key = cursor.from(prefix.utf8());
            while (key != null && prefix.covers(key) && found.size() < limit) {
                Optional<Prefix> passedOver = covering(without, key);
                if (passedOver.isPresent()) {
                    key = cursor.from(Listing.end(passedOver.get().utf8()));
                } else {
                    Key one = Key.ofUtf8(key);
                    if (wanted.test(one)) {
                        found.put(one, RowCodec.valueLength(cursor.head()));
                    }
                    key = cursor.next();
                }
            }
        }
        return found;
    }

    private static Optional<Prefix> covering(List<Prefix> prefixes, byte[] key) {
        return prefixes.stream().filter(prefix -> prefix.covers(key)).findFirst();
    }
}
