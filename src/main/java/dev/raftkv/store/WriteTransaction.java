package dev.raftkv.store;

import com.sleepycat.je.DatabaseException;
import com.sleepycat.je.Transaction;
import dev.raftkv.codec.RecordCodec;
import dev.raftkv.codec.RecordCodec.Retention;
import dev.raftkv.codec.RowCodec;
import dev.raftkv.codec.RowCodec.History;
import dev.raftkv.model.Change;
import dev.raftkv.model.Command;
import dev.raftkv.model.Entry;
import dev.raftkv.model.HistoryLimits;
import dev.raftkv.model.Hold;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.model.Position;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Remembered;
import dev.raftkv.model.RequestId;
import dev.raftkv.model.TxnOp.Result;
import dev.raftkv.model.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The changes of one Raft entry, which become visible together with the entry's position, or not at all. Used and closed by
 * the thread that began it. After a {@link StorageException} it can only be closed.
 *
 * <p>All changes between two calls of {@link #nextCommand} have one revision.
 */
public final class WriteTransaction implements AutoCloseable {
    private final KvStore store;
    private final JeEnvironment environment;
    private final Transaction transaction;
    private final Position before;
    private final Retention retained;
    private final int levelBefore;
    private final HistoryLimits limitsBefore;
    private final HistoryWriter history;
    private final long time;
    private Keyspace keyspace;
    private RestoreSteps restore;
    private RequestMemory requests;
    private SessionSteps sessions;
    private Tombstones.Steps tombstones;
    private long revision;
    private long keys;
    private int changesOfCommand;
    private int logLevel;
    private HistoryLimits limits;
    private boolean committed;
    private boolean closed;

    WriteTransaction(
            KvStore store,
            JeEnvironment environment,
            Transaction transaction,
            Position before,
            Retention retained,
            int logLevel,
            HistoryLimits limits,
            long time) {
        this.store = store;
        this.environment = environment;
        this.transaction = transaction;
        this.keyspace = environment.live();
        this.before = before;
        this.retained = retained;
        this.levelBefore = logLevel;
        this.logLevel = logLevel;
        this.limitsBefore = limits;
        this.limits = limits;
        this.history = new HistoryWriter(environment.history(), transaction, this::goesOn);
        this.time = Math.max(time, before.time());
        this.revision = before.revision();
        this.keys = before.keys();
    }

    /** The next change is that of another command. */
    public void nextCommand() {
        changesOfCommand = 0;
    }

    /** Notes what whoever reads the entry must understand: {@link KvStore#logLevel}. */
    public void needs(int level) {
        logLevel = Math.max(logLevel, level);
    }

    /** The entry of a key, with the changes of this transaction. */
    public Optional<Entry> get(Key key) {
        byte[] row = row(key);
        return row == null ? Optional.empty() : Optional.of(keyspace.decode(key, row));
    }

    private byte[] row(Key key) {
        return keyspace.rows().read(transaction, key.utf8());
    }

    /** The revision of a key's last change, with the changes of this transaction; 0 if there is no such key. */
    public long changeRevision(Key key) {
        History found = history(key);
        return found == null ? 0 : found.changeRevision();
    }

    /** What a read of a key finds, without its value; empty if there is no such key. */
    public Optional<Result.Seen> see(Key key) {
        return Optional.ofNullable(history(key))
                .map(found -> new Result.Seen(key, found.createRevision(), found.changeRevision(), found.version()));
    }

    /** The length of a key's value, with the changes of this transaction; 0 if there is no such key. */
    public int valueLength(Key key) {
        byte[] head = head(key);
        return head == null ? 0 : RowCodec.valueLength(head);
    }

    private History history(Key key) {
        byte[] head = head(key);
        return head == null ? null : keyspace.history(head);
    }

    private byte[] head(Key key) {
        return keyspace.rows().readHead(transaction, key.utf8(), RowCodec.HEAD_BYTES);
    }

    /**
     * Stores a value under a key, new or not.
     *
     * @param ttlMillis after how many milliseconds of cluster time the key is to be removed, 0 for never
     * @return the key's entry from now on
     */
    public Entry put(Key key, JsonText value, long ttlMillis) {
        return put(key, value, history(key), deadline(ttlMillis));
    }

    private long deadline(long ttlMillis) {
        return ttlMillis == 0 ? 0 : time + ttlMillis;
    }

    /** Stores a value under a key, new or not, which stays for as long as it would have without. */
    public Entry replace(Key key, JsonText value) {
        History old = history(key);
        return put(key, value, old, old == null ? 0 : old.expiresAt());
    }

    private Entry put(Key key, JsonText value, History old, long expiresAt) {
        return put(key, Value.of(value), old, expiresAt, holdOf(old), lockIndexOf(old));
    }

    private static long lockIndexOf(History old) {
        return old == null ? 0 : old.lockIndex();
    }

    private static Optional<Hold> holdOf(History old) {
        return old == null ? Optional.empty() : old.hold();
    }

    /** Who has a key, with the changes of this transaction. */
    public Optional<Hold> hold(Key key) {
        return holdOf(history(key));
    }

    private Entry put(Key key, Value value, History old, long expiresAt, Optional<Hold> hold, long lockIndex) {
        long change = nextRevision();
        long created = old == null ? change : old.createRevision();
        long version = old == null ? 1 : old.version() + 1;
        long flags = old == null ? 0 : old.flags();
        Entry entry = new Entry(key, value, created, change, version, expiresAt, hold, flags, lockIndex);
        put(entry, old);
        return entry;
    }

    private void put(Entry entry, History old) {
        Key key = entry.key();
        store.changes(key, keyspace, () -> row(key));
        Optional<Entry> previous = old == null ? Optional.empty() : previous(key);
        long change = change();
        if (old == null) {
            keys++;
            if (keepsRemovals()) {
                tombstones().remove(key);
            }
        } else {
            keyspace.forgetExpiry(transaction, key, old.expiresAt());
        }
        byte[] row = RowCodec.encode(entry);
        keyspace.put(transaction, entry, row);
        history.add(new Change(change, changesOfCommand - 1, Change.Kind.PUT, key, Optional.of(entry), previous), row);
    }

    /**
     * Stores an entry that is made up of what is there. The session that it names has the key then, and no other. One of the first
     * version takes the place of a key that goes.
     *
     * @param entry changed at {@link #nextRevision}; of a session that can have the key
     */
    public void put(Entry entry) {
        History old = history(entry.key());
        if (old != null && entry.version() == 1) {
            delete(entry.key());
            old = null;
        }
        Optional<UUID> had = holdOf(old).map(Hold::session);
        Optional<UUID> has = entry.hold().map(Hold::session);
        if (!had.equals(has)) {
            had.ifPresent(session -> sessions().letGo(entry.key(), session));
            has.ifPresent(session -> sessions().give(entry.key(), session));
        }
        put(entry, old);
    }

    /** Stores a key that a restore has brought, and that is not there; its deadline is the time that it has to live. */
    void bring(Entry brought) {
        put(
                new Entry(
                        brought.key(),
                        brought.value(),
                        nextRevision(),
                        nextRevision(),
                        1,
                        deadline(brought.expiresAt()),
                        Optional.empty(),
                        brought.flags(),
                        brought.lockIndex()),
                null);
    }

    /** Whether Consul's interface is in use: only then is anything kept for it. */
    private boolean keepsRemovals() {
        return logLevel >= Command.OfConsul.LEVEL;
    }

    private Tombstones.Steps tombstones() {
        if (tombstones == null) {
            tombstones = new Tombstones.Steps(keyspace.tombstones(), transaction, time);
        }
        return tombstones;
    }

    /** What watchers are told that a key was before it changes, where that is kept. */
    private Optional<Entry> previous(Key key) {
        return history.wantsPrevious(limits) ? get(key) : Optional.empty();
    }

    /** Removes a key; false, and nothing changes, if it was not there. */
    public boolean delete(Key key) {
        return remove(key, Change.Kind.DELETE);
    }

    boolean remove(Key key, Change.Kind kind) {
        History old = history(key);
        if (old == null) {
            return false;
        }
        store.changes(key, keyspace, () -> row(key));
        Optional<Entry> previous = previous(key);
        keyspace.rows().delete(transaction, key.utf8());
        keyspace.forgetExpiry(transaction, key, old.expiresAt());
        old.hold().ifPresent(hold -> sessions().letGo(key, hold.session()));
        keys--;
        long change = change();
        if (keepsRemovals()) {
            tombstones().add(key, change);
        }
        history.add(new Change(change, changesOfCommand - 1, kind, key, Optional.empty(), previous), null);
        return true;
    }

    /**
     * Begins a session.
     *
     * @return why not, if so; then nothing is changed
     */
    public Optional<Reason> create(Command.OfSession.Create session) {
        return sessions().create(session);
    }

    /**
     * Stores a value under a key, new or not, and gives the key to a session.
     *
     * @return why not, if so; then nothing is changed
     */
    public Optional<Reason> put(Command.OfSession.Put put) {
        History old = history(put.key());
        Optional<Hold> before = holdOf(old);
        Optional<Reason> refusal = sessions().take(put.key(), put.session(), before.map(Hold::session));
        if (refusal.isEmpty()) {
            Hold hold = before.orElseGet(() -> new Hold(put.session(), nextRevision()));
            boolean counts = before.isEmpty() && keepsRemovals();
            put(put.key(), Value.of(put.value()), old, 0, Optional.of(hold), lockIndexOf(old) + (counts ? 1 : 0));
        }
        return refusal;
    }

    /**
     * Stores a value in the slot of a semaphore that a session has, or gives it one.
     *
     * @param taken told which, if it has one
     * @return why not, if so; then nothing is changed
     */
    public Optional<Reason> put(Command.OfSession.Slot slot, Consumer<Key> taken) {
        if (!sessions().isThere(slot.session())) {
            return Optional.of(Reason.NO_SUCH_SESSION);
        }
        goesOn();
        SlotChoice choice = SlotChoice.of(slot, this::hold, sessions()::delayedUntil, time);
        Optional<Reason> refusal = choice.refusal();
        if (refusal.isEmpty()) {
            Key key = choice.key().orElseThrow();
            refusal = put(new Command.OfSession.Put(key, slot.value(), slot.session()));
            taken.accept(key);
        }
        return refusal;
    }

    /**
     * Why a session cannot have a key, if so.
     *
     * @param others how many keys it gets before this one
     */
    public Optional<Reason> refusal(Key key, UUID session, int others) {
        return refusal(key, session, hold(key).map(Hold::session), others);
    }

    /**
     * The same.
     *
     * @param has which session would have the key by then
     */
    public Optional<Reason> refusal(Key key, UUID session, Optional<UUID> has, int others) {
        return sessions().refusal(key, session, has, others);
    }

    /**
     * Stores a value under a key that a session has, and lets the key go.
     *
     * @return false, and nothing changes, if it does not have it
     */
    public boolean release(Command.OfSession.Release release) {
        History old = history(release.key());
        if (!isHeld(old, release.session())) {
            return false;
        }
        sessions().letGo(release.key(), release.session());
        put(release.key(), Value.of(release.value()), old, 0, Optional.empty(), lockIndexOf(old));
        return true;
    }

    private static boolean isHeld(History old, UUID session) {
        return holdOf(old).filter(hold -> hold.session().equals(session)).isPresent();
    }

    /**
     * Ends sessions, in their order, until many keys are changed.
     *
     * @param over whether their time is over, which those who watch their keys are told
     * @return how many of them, the first ones, are not there any more
     */
    public long end(List<UUID> ids, boolean over) {
        return sessions().end(ids, over ? Change.Kind.EXPIRE : Change.Kind.DELETE);
    }

    /** A key that is there stays as it is, and is no session's any more. */
    void release(Key key) {
        History old = history(key);
        sessions().letGo(key, old.hold().orElseThrow().session());
        put(key, get(key).orElseThrow().value(), old, old.expiresAt(), Optional.empty(), old.lockIndex());
    }

    private SessionSteps sessions() {
        if (sessions == null) {
            sessions = new SessionSteps(keyspace.sessions(), transaction, time, this);
        }
        return sessions;
    }

    /** The keys by their prefixes, with the changes of this transaction. */
    public Ranges ranges() {
        return new Ranges(this);
    }

    Keyspace keyspace() {
        return keyspace;
    }

    /**
     * Removes keys whose time is over at the time of this transaction, the earliest first.
     *
     * @param limit the most keys to remove
     * @return how many there were
     */
    public long expire(int limit) {
        List<Key> over = new ArrayList<>();
        keyspace.expiries()
                .scanKeys(
                        Keys.number(0),
                        expiry ->
                                over.size() < limit && keyspace.timeOf(expiry) <= time && over.add(Keys.keyOf(expiry)));
        over.forEach(key -> remove(key, Change.Kind.EXPIRE));
        if (keepsRemovals()) {
            tombstones().mayForget(limit);
        }
        return over.size();
    }

    /** That of the next change. */
    public long nextRevision() {
        return changesOfCommand == 0 ? revision + 1 : revision;
    }

    private long change() {
        store.changes();
        if (changesOfCommand++ == 0) {
            revision++;
        }
        return revision;
    }

    /**
     * Takes a step of a restore.
     *
     * @return why not, if so; then nothing is changed
     */
    public Optional<Reason> restore(Command.Restore step) {
        if (restore == null) {
            restore = new RestoreSteps(environment, transaction, time);
        }
        return restore.take(step, this);
    }

    /** Told of each row that is looked at, brought or dropped where there are many, so that they are not taken for a standstill. */
    void goesOn() {
        store.changes();
    }

    /** Whether a key starts with a prefix. */
    boolean hasKeys(Prefix prefix) {
        return prefix.equals(Prefix.ALL) ? keys > 0 : ranges().count(prefix, 0).isEmpty();
    }

    /** Another keyspace is in the place of the one that was there, from a revision on; nobody can go on before it. */
    void replaceAll(Keyspace by, long keysOfIt, long atRevision) {
        store.changes();
        sessions().endAll(by.sessions());
        keyspace = by;
        sessions = null;
        tombstones = null;
        keys = keysOfIt;
        revision = atRevision;
        history.beginBehind(atRevision);
    }

    /** The changes that follow are of the revision behind this one, which is not below the store's. */
    void goOnBehind(long atRevision) {
        if (atRevision > revision) {
            revision = atRevision;
            history.beginBehind(atRevision);
        }
    }

    /** Keeps the HTTP address of a member. Counts as no revision. */
    public void announce(String nodeId, String httpAddress) {
        byte[] record = RecordCodec.encodeHttpAddress(httpAddress);
        environment.members().put(transaction, nodeId.getBytes(StandardCharsets.UTF_8), record);
    }

    /** Changes how much is kept for watchers, from this entry on. Counts as no revision. */
    public void keep(HistoryLimits history) {
        limits = history;
    }

    /** A request of the same key that was applied before, with its outcome; empty if none is remembered. */
    public Optional<Remembered> remembered(String requestKey) {
        return requests().find(requestKey);
    }

    /** Keeps a request's outcome for its repetitions; older ones are forgotten when there are too many. */
    public void remember(RequestId id, Outcome outcome) {
        requests().add(id, outcome);
    }

    private RequestMemory requests() {
        if (requests == null) {
            requests = new RequestMemory(environment, transaction, retained, time);
        }
        return requests;
    }

    /** The store's revision, with the changes of this transaction. */
    public long revision() {
        return revision;
    }

    /**
     * The changes of this transaction, in order; not to be changed by the caller. Empty if they are too many to be held: then
     * they can be read from the store when they are committed.
     */
    public Optional<List<Change>> changes() {
        return history.changes();
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
        Position reached = new Position(term, index, revision, keys, time);
        if (tombstones != null) {
            tombstones.end();
        }
        Retention keeps = history.write(requests == null ? retained : requests.update(retained), limits);
        environment.putPosition(transaction, reached);
        if (!keeps.equals(retained)) {
            environment.putRetention(transaction, keeps);
        }
        if (logLevel > levelBefore) {
            environment.putLogLevel(transaction, logLevel);
        }
        if (!limits.equals(limitsBefore)) {
            environment.putHistoryLimits(transaction, limits);
        }
        store.commits(revision);
        try {
            transaction.commit();
        } catch (DatabaseException e) {
            throw new StorageException("committing entry " + index, e);
        }
        if (restore != null) {
            restore.committed(keyspace);
        }
        committed = true;
        store.committed(reached, keeps, logLevel, limits);
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
