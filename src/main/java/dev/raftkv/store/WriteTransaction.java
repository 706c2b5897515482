package dev.raftkv.store;

import com.sleepycat.je.DatabaseException;
import com.sleepycat.je.Transaction;
import dev.raftkv.codec.RecordCodec;
import dev.raftkv.codec.RowCodec;
import dev.raftkv.codec.RowCodec.History;
import dev.raftkv.model.Entry;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Position;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The changes of one Raft entry, which become visible together with the entry's position, or not at all. Used and closed by
 * the thread that began it. After a {@link StorageException} it can only be closed.
 */
public final class WriteTransaction implements AutoCloseable {
    private final KvStore store;
    private final JeEnvironment environment;
    private final Transaction transaction;
    private final Position before;
    private long revision;
    private long keys;
    private boolean committed;
    private boolean closed;

    WriteTransaction(KvStore store, JeEnvironment environment, Transaction transaction, Position before) {
        this.store = store;
        this.environment = environment;
        this.transaction = transaction;
        this.before = before;
        this.revision = before.revision();
        this.keys = before.keys();
    }

    /** The entry of a key, with the changes of this transaction. */
    public Optional<Entry> get(Key key) {
        byte[] row = environment.rows().read(transaction, key.utf8());
        return row == null ? Optional.empty() : Optional.of(RowCodec.decode(key, row));
    }

    /** Stores a value under a key, new or not. Counts as one revision. */
    public void put(Key key, JsonText value) {
        byte[] head = environment.rows().readHead(transaction, key.utf8(), RowCodec.HISTORY_BYTES);
        revision++;
        History history;
        if (head == null) {
            history = History.createdAt(revision);
            keys++;
        } else {
            history = RowCodec.history(head).changedAt(revision);
        }
        environment.rows().put(transaction, key.utf8(), RowCodec.encode(history, value));
    }

    /** Removes a key. Counts as one revision if the key was there; false, and nothing changes, if it was not. */
    public boolean delete(Key key) {
        boolean existed = environment.rows().delete(transaction, key.utf8());
        if (existed) {
            revision++;
            keys--;
        }
        return existed;
    }

    /** Keeps the HTTP address of a member. Counts as no revision. */
    public void announce(String nodeId, String httpAddress) {
        byte[] record = RecordCodec.encodeHttpAddress(httpAddress);
        environment.members().put(transaction, nodeId.getBytes(StandardCharsets.UTF_8), record);
    }

    /** The store's revision, with the changes of this transaction. */
    public long revision() {
        return revision;
    }

    /**
     * Commits the changes and the position of the entry that they belong to, and shows both to readers. It survives the
     * death of the process when this returns.
     *
     * @throws IllegalArgumentException if the entry is not behind the store's position: it was applied before
     */
    public void commit(long term, long index) {
        if (index <= before.index() || term < before.term()) {
            throw new IllegalArgumentException(
                    "entry " + index + " of term " + term + " does not follow the store's " + before);
        }
        Position reached = new Position(term, index, revision, keys);
        environment.putPosition(transaction, reached);
        try {
            transaction.commit();
        } catch (DatabaseException e) {
            throw new StorageException("committing entry " + index, e);
        }
        committed = true;
        store.committed(reached);
    }

    /** Ends the transaction; without a commit nothing of it remains. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (!committed) {
                transaction.abort();
            }
        } catch (DatabaseException e) {
            throw new StorageException("aborting a write transaction", e);
        } finally {
            store.finished();
        }
    }
}
