package dev.raftkv.store;

import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Keys that are named, at one moment. */
final class MomentOfKeys extends Moment {
    private final List<Key> keys;
    private final long mostBytes;

    /** @param mostBytes of values; if there are more they are not read */
    MomentOfKeys(List<Key> keys, long mostBytes) {
        super(keys.size(), mostBytes);
        this.keys = keys;
        this.mostBytes = mostBytes;
    }

    List<Key> keys() {
        return keys;
    }

    /** It is asked about its own keys only. */
    @Override
    boolean covers(Key key) {
        return true;
    }

    /** The entries; empty if their values are more bytes than they may be. */
    Optional<List<Optional<Entry>>> read() {
        List<Optional<Entry>> entries = new ArrayList<>(keys.size());
        long bytes = 0;
        for (Key key : keys) {
            byte[] now = keyspace().rows().readUncommitted(key.utf8());
            if (isOver()) {
                return Optional.empty();
            }
            Optional<byte[]> row = before().getOrDefault(key, Optional.ofNullable(now));
            Optional<Entry> entry = row.map(found -> keyspace().decode(key, found));
            bytes += entry.map(found -> found.value().length()).orElse(0);
            if (bytes > mostBytes) {
                return Optional.empty();
            }
            entries.add(entry);
        }
        return Optional.of(entries);
    }
}
