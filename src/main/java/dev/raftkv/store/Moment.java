package dev.raftkv.store;

import dev.raftkv.codec.RowCodec;
import dev.raftkv.model.Key;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Some keys as they are between two write transactions, for who reads them while later ones go on: those leave here what was there
 * before they changed it. Found by one reader, told by the thread that writes.
 */
abstract class Moment {
    private final int mostRows;
    private final long mostBytes;
    private final CompletableFuture<Void> begun = new CompletableFuture<>();

    /** Rows from before their first change since the moment; none for a key that was not there. */
    private final Map<Key, Optional<byte[]>> before = new ConcurrentHashMap<>();

    private long bytesBefore;

    /** Whether there is more than may be held, so that no more is kept. */
    private volatile boolean over;

    private volatile JeEnvironment environment;
    private volatile Keyspace keyspace;
    private volatile long revision;

    /**
     * @param mostRows that may be left here
     * @param mostBytes of values that may be; one of any length may
     */
    Moment(int mostRows, long mostBytes) {
        this.mostRows = mostRows;
        this.mostBytes = mostBytes;
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

    Keyspace keyspace() {
        return keyspace;
    }

    long revision() {
        return revision;
    }

    /** Whether it is about a key. */
    abstract boolean covers(Key key);

    /** Whether a change of a key, which may be later, is to {@link #keep} what is there before it. */
    boolean wants(Key key, Keyspace changed) {
        return changed.equals(keyspace) && !over && covers(key) && !before.containsKey(key);
    }

    /** @param row null if there is none */
    void keep(Key key, byte[] row) {
        keep(key, row, row == null ? 0 : RowCodec.valueLength(row));
    }

    /** @param bytes of the value that is kept */
    final void keep(Key key, byte[] row, int bytes) {
        before.put(key, Optional.ofNullable(row));
        bytesBefore += bytes;
        over = before.size() > mostRows || bytesBefore > mostBytes && before.size() > 1;
    }

    /** What was left. Whoever changes a row has left the one before it here before: so this is asked for when the row is read. */
    Map<Key, Optional<byte[]>> before() {
        return before;
    }

    /** Whether not all was left, by now. */
    boolean isOver() {
        return over;
    }

    /** Whether its rows are still those of a store. */
    boolean isOf(JeEnvironment now) {
        return environment == now && now.live().equals(keyspace);
    }
}
