package dev.raftkv.store;

import dev.raftkv.codec.RowCodec;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Some keys as they are between two write transactions, for who reads them while later ones go on: those leave here what was there
 * before they changed it. Found by one reader, told by the thread that writes.
 */
final class Moment {
    private final List<Key> keys;
    private final long mostBytes;
    private final CompletableFuture<Void> begun = new CompletableFuture<>();

    /** Rows from before their first change since the moment; none for a key that was not there. */
    private final Map<Key, Optional<byte[]>> before = new ConcurrentHashMap<>();

    private long bytesBefore;

    /** Whether there are more bytes than may be read, so that no more is kept. */
    private volatile boolean over;

    private volatile JeEnvironment environment;
    private volatile Keyspace keyspace;
    private volatile long revision;

    Moment(List<Key> keys, long mostBytes) {
        this.keys = keys;
        this.mostBytes = mostBytes;
    }

    List<Key> keys() {
        return keys;
    }

    /** Ends when it is known which moment it is. */
    CompletableFuture<Void> begun() {
        return begun;
    }

    /** It is now: no write transaction is open. */
    void set(JeEnvironment now, long revisionNow) {
        environment = now;
        keyspace = now.live();
        revision = revisionNow;
    }

    long revision() {
        return revision;
    }

    /** Whether a change of a key, which may be later, is to {@link #keep} what is there before it. */
    boolean wants(Key key, Keyspace changed) {
        return changed.equals(keyspace) && !over && !before.containsKey(key);
    }

    /** @param row null if there is none */
    void keep(Key key, byte[] row) {
        before.put(key, Optional.ofNullable(row));
        bytesBefore += row == null ? 0 : RowCodec.valueLength(row);
        over = bytesBefore > mostBytes;
    }

    /** Whether its rows are still those of a store. */
    boolean isOf(JeEnvironment now) {
        return environment == now && now.live().equals(keyspace);
    }

    /** The entries; empty if their values are more bytes than they may be. */
    Optional<List<Optional<Entry>>> read() {
        List<Optional<Entry>> entries = new ArrayList<>(keys.size());
        long bytes = 0;
        for (Key key : keys) {
            // In this order: whoever changes the row has left the one before it here before.
            byte[] now = keyspace.rows().readUncommitted(key.utf8());
            if (over) {
                return Optional.empty();
            }
            Optional<byte[]> row = before.getOrDefault(key, Optional.ofNullable(now));
            Optional<Entry> entry = row.map(found -> keyspace.decode(key, found));
            bytes += entry.map(found -> found.value().length()).orElse(0);
            if (bytes > mostBytes) {
                return Optional.empty();
            }
            entries.add(entry);
        }
        return Optional.of(entries);
    }
}
