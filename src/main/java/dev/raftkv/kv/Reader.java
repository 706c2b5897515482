package dev.raftkv.kv;

import dev.raftkv.model.Counted;
import dev.raftkv.model.Created;
import dev.raftkv.model.Entry;
import dev.raftkv.model.HistoryLimits;
import dev.raftkv.model.Key;
import dev.raftkv.model.Listed;
import dev.raftkv.model.Page;
import dev.raftkv.model.Position;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Range;
import dev.raftkv.model.Revised;
import dev.raftkv.model.Seen;
import dev.raftkv.model.Session;
import dev.raftkv.model.Together;
import dev.raftkv.store.KvStore;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Reads from a store that has come as far as its reader needed when this was made. */
public final class Reader {
    private final KvStore store;
    private final Executor answers;

    /** Known before anything is looked at. */
    private final Position position;

    Reader(KvStore store, Executor answers) {
        this.store = store;
        this.answers = answers;
        this.position = store.settledPosition();
    }

    /** All changes up to this revision are shown; later ones may be. */
    public long revision() {
        return position.revision();
    }

    /** See {@link KvStore#see}; not before {@link #revision}. */
    public Seen see(Key key) {
        return store.see(key);
    }

    /** See {@link KvStore#seeTogether(List, long, Executor)}; not before {@link #revision}. */
    public CompletableFuture<Optional<Together>> seeTogether(List<Key> keys, long mostBytes) {
        return store.seeTogether(keys, mostBytes, answers);
    }

    /** See {@link KvStore#seeTogether(Range, int, long, Executor)}; not before {@link #revision}. */
    public CompletableFuture<Page<Entry>> seeTogether(Range range, int limit, long mostBytes) {
        return store.seeTogether(range, limit, mostBytes, answers);
    }

    /** See {@link KvStore#seeKeysTogether}; not before {@link #revision}. */
    public CompletableFuture<Page<Key>> seeKeysTogether(Range range, int limit) {
        return store.seeKeysTogether(range, limit, answers);
    }

    /** See {@link KvStore#seeRevisionsTogether}; not before {@link #revision}. */
    public CompletableFuture<Page<Revised>> seeRevisionsTogether(Range range, int limit) {
        return store.seeRevisionsTogether(range, limit, answers);
    }

    public Optional<Entry> get(Key key) {
        return store.get(key);
    }

    /** See {@link KvStore#keys}. */
    public List<Listed> keys(Range range, int limit) {
        return store.keys(range, limit);
    }

    /** See {@link KvStore#keysByCreation}. */
    public Optional<List<Created>> keysByCreation(
            Prefix prefix, Optional<Created> after, boolean reverse, int limit, int most) {
        return store.keysByCreation(prefix, after, reverse, limit, most);
    }

    /** See {@link KvStore#removedAt}. */
    public long removedAt(Key key) {
        return store.removedAt(key);
    }

    /** See {@link KvStore#lastChange}. */
    public long lastChange(Prefix prefix, long upTo) {
        return store.lastChange(prefix, upTo);
    }

    /** See {@link KvStore#lastRemoval}. */
    public long lastRemoval(Prefix prefix, long upTo) {
        return store.lastRemoval(prefix, upTo);
    }

    /** See {@link KvStore#logLevel}. */
    public int logLevel() {
        return store.logLevel();
    }

    /** See {@link KvStore#sessionNumber}. */
    public long sessionNumber() {
        return store.sessionNumber();
    }

    /** A session that lives. */
    public Optional<Session> session(UUID id) {
        return store.session(id);
    }

    /** See {@link KvStore#sessions}. */
    public List<Session> sessions(Optional<UUID> after, int limit) {
        return store.sessions(after, limit);
    }

    /** See {@link KvStore#oldestRevision}. */
    public long oldestRevision() {
        return store.oldestRevision();
    }

    /** What all nodes have agreed on. */
    public HistoryLimits historyLimits() {
        return store.history().limits();
    }

    /** See {@link KvStore#count}; but the number of all keys is known, so that it costs nothing and has no limit. */
    public Counted count(Prefix prefix, Optional<Key> after, int limit) {
        return prefix.equals(Prefix.ALL) && after.isEmpty()
                ? new Counted(position.keys(), Optional.empty())
                : store.count(prefix, after, limit);
    }
}
