package dev.raftkv.store;

import dev.raftkv.codec.RecordCodec.Retention;
import dev.raftkv.model.Change;
import dev.raftkv.model.Code;
import dev.raftkv.model.Cursor;
import dev.raftkv.model.HistoryLimits;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Position;
import dev.raftkv.model.Seen;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The replicated state of one node on its disk: keys, members' addresses, and the position in the Raft log that they
 * stand for. What a write transaction commits survives the death of the process, not a power loss: that needs
 * {@link #backup}, or the log to be applied again.
 *
 * <p>Any thread reads, at any time: committed state, or {@link Code#UNAVAILABLE} while the store is not open. One thread at
 * a time writes and backs up. Opening, closing and restoring exclude each other and wait for the readers and the
 * write transaction that are under way. Failures of the disk are {@link StorageException}s.
 */
public final class KvStore extends StoreReads implements AutoCloseable {
    /** Looks while a commit is under way: 10 ms at least. */
    private static final int MOST_LOOKS = 200;

    private static final Duration MOST_WAIT = Duration.ofMillis(50);

    private static final long PAUSE_NANOS = 50_000;

    private final StoreDirectory directory;
    private final StoreSettings settings;
    private final StoreCopies copies;
    private final Consumer<StorageException> onFailure;

    /** Held for reading by whoever uses {@link #environment}, for writing to exchange it. */
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

    private final AtomicBoolean writing = new AtomicBoolean();
    private JeEnvironment environment;
    private volatile Position position = Position.EMPTY;

    /** The revision that readers may see already: that of {@link #position}, but for the time of a commit. */
    private volatile long committing;

    /** The newest revision of a row that somebody has seen before {@link #position} told of it. */
    private final AtomicLong shown = new AtomicLong();

    private final AtomicLong changesMade = new AtomicLong();
    private final SlowReads slowReads;

    /** How many write transactions were begun. */
    private final AtomicLong begun = new AtomicLong();

    private volatile Retention retention = Retention.NONE;
    private volatile int logLevel;
    private volatile HistoryLimits historyLimits = HistoryLimits.USUAL;

    /** A store whose failures are told to who meets them, and to nobody else. */
    public KvStore(Path directory, StoreSettings settings) {
        this(directory, settings, failure -> {});
    }

    /**
     * @param directory holds the environment's files; made by {@link #open}. Its siblings .new, .old and .copies are the store's.
     * @param onFailure told of a failed read after which the store can do nothing any more; must not block
     */
    public KvStore(Path directory, StoreSettings settings, Consumer<StorageException> onFailure) {
        this(directory, settings, onFailure, System::nanoTime);
    }

    /** @param nanoTime by which reads are long, as {@link System#nanoTime} */
    KvStore(Path directory, StoreSettings settings, Consumer<StorageException> onFailure, LongSupplier nanoTime) {
        this.directory = new StoreDirectory(directory);
        this.settings = settings;
        this.copies = new StoreCopies(this.directory.copies());
        this.onFailure = onFailure;
        this.slowReads = new SlowReads(nanoTime);
    }

    /** Opens or creates the store, and repairs what a crash left; nothing happens if it is open. */
    public synchronized void open() {
        if (environment != null) {
            return;
        }
        directory.repair();
        copies.clean();
        JeEnvironment opened = JeEnvironment.open(directory.path(), settings);
        try {
            retention = opened.retention();
            logLevel = opened.logLevel();
            historyLimits = opened.historyLimits();
            position = opened.position();
            committing = position.revision();
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
        exchange(opened);
    }

    private <T> T use(Function<JeEnvironment, T> user) {
        use.readLock().lock();
        try {
            return user.apply(environment());
        } finally {
            use.readLock().unlock();
        }
    }

    /** Reads; a failure that no later read can survive is told to the node, and is one that passes at other nodes. */
    @Override
    <T> T read(Function<JeEnvironment, T> reading) {
        try {
            return use(reading);
        } catch (StorageException e) {
            if (!e.isFinal()) {
                throw e;
            }
            onFailure.accept(e);
            throw new KvException(
                    Code.UNAVAILABLE, "the store of this node cannot be read any more: ask another node", e);
        }
    }

    /**
     * The last revision that readers know of: all that is read from now on shows it. That of {@link #position}, or, at the end
     * of a commit, of a row that was seen before the position tells of it: JE shows the rows of a transaction when all of it
     * is committed, so no other row of it can be missed any more. It never goes back.
     */
    public long revision() {
        return Math.max(position.revision(), shown.get());
    }

    /** The position, when it tells of all that readers know of: at the end of a commit that is so in a moment. */
    public Position settledPosition() {
        for (int look = 1; true; look++) {
            long known = shown.get();
            Position now = position;
            if (now.revision() >= known) {
                return now;
            }
            if (look == MOST_LOOKS) {
                return new Position(now.term(), now.index(), known, now.keys(), now.time());
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /**
     * The committed entry of a key, with a revision, at or behind {@link #revision} when this is called, at which it was just
     * that.
     *
     * <p>JE shows a commit before {@link #position} tells of it, so a row may be newer than the position that was read before
     * it, never older. If there is a row, its own revision says which: all that was committed up to the position shows in it,
     * so there is no change of the key between the row's revision and the position. If there is none, the key may have been
     * removed by the commit that is under way, so this looks again when that is over. Should it take long, what readers
     * know of is told: then something that happened after it may show in the answer already, but nothing before it is missing.
     */
    public Seen see(Key key) {
        for (int look = 1; true; look++) {
            long revision = revision();
            Seen found = read(je -> found(je.live(), key));
            if (found.entry().isPresent()) {
                return new Seen(found.entry(), Math.max(revision, shown(found.revision())));
            }
            if (committing == revision || look == MOST_LOOKS) {
                return new Seen(Optional.empty(), revision);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /**
     * As {@link #see}, and waits for nobody: not for the write transaction, and not for who opens or closes the store. The disk it
     * may read, but soon not any more if that is slow.
     *
     * <p>It takes no lock of the row. If its revision is one that readers may see, it is committed, and the newest that is. If
     * there is no row, nobody has removed it just now who may not commit that, if no write transaction was open meanwhile.
     *
     * @return null if it would have to wait, or the store is not open
     */
    public Seen glance(Key key) {
        long now = slowReads.now();
        // It would overtake whoever waits to exchange the store, who may wait for ever then.
        if (slowReads.isAvoided(now)
                || use.hasQueuedThreads()
                || !use.readLock().tryLock()) {
            return null;
        }
        try {
            JeEnvironment je = environment;
            if (je == null) {
                return null;
            }
            long earlier = begun.get();
            boolean quiet = !writing.get();
            long revision = revision();
            Keyspace live = je.live();
            Seen found = seen(live, key, live.rows().readUncommitted(key.utf8()));
            slowReads.done(now, je::cacheMisses);
            boolean settled =
                    found.entry().isPresent() ? found.revision() <= revision : quiet && begun.get() == earlier;
            return settled ? new Seen(found.entry(), revision) : null;
        } catch (StorageException e) {
            // Whoever reads it in the other way next is told.
            return null;
        } finally {
            use.readLock().unlock();
        }
    }

    private long shown(long revision) {
        if (revision > revision()) {
            shown.accumulateAndGet(revision, Math::max);
        }
        return revision;
    }

    /**
     * Committed changes behind a cursor, in order; none if there are none yet.
     *
     * @param limit the most changes to return
     * @throws KvException {@code GONE} with the oldest revision that is kept, if the change that follows the cursor is not
     */
    public List<Change> changes(Cursor from, int limit) {
        return page(from, limit, Long.MAX_VALUE).changes();
    }

    /**
     * As {@link #changes}, bounded by their size.
     *
     * @param maxBytes about how many bytes of changes to return at most; one change at least
     */
    public ChangePage changesUpTo(Cursor from, long maxBytes) {
        return page(from, Integer.MAX_VALUE, maxBytes);
    }

    private ChangePage page(Cursor from, int limit, long maxBytes) {
        return read(je -> HistoryReader.read(je, from, position.revision(), retention.historyFloor(), limit, maxBytes));
    }

    /** The first revision whose changes are kept; that of the next change if none is. */
    public long oldestRevision() {
        return retention.historyFloor() + 1;
    }

    /** What is kept for watchers, and may be; also when closed. */
    public HistoryFigures history() {
        Retention kept = retention;
        return new HistoryFigures(kept.historyFloor() + 1, kept.historyChanges(), kept.historyBytes(), historyLimits);
    }

    /**
     * Removes from the disk what a restore has replaced or has left, if readers and the write transaction leave a moment for it;
     * nothing happens if there is nothing to remove. Called by one thread, now and then.
     */
    public void removeReplaced() {
        closeReplaced().ifPresent(this::remove);
    }

    /**
     * What is closed, to be removed.
     *
     * @param of whose it is: a snapshot brings another environment, where its number is that of another one
     */
    record Replaced(JeEnvironment of, Keyspace keyspace) {}

    void remove(Replaced closed) {
        use(je -> {
            if (je == closed.of()) {
                je.remove(closed.keyspace());
            }
            return null;
        });
    }

    /** Whoever reads may have begun when it was the one that lives. */
    Optional<Replaced> closeReplaced() {
        if (!use(JeEnvironment::hasReplaced)) {
            return Optional.empty();
        }
        if (!waitsShortly()) {
            return Optional.empty();
        }
        try {
            JeEnvironment je = environment;
            return je == null ? Optional.empty() : je.closeReplaced().map(closed -> new Replaced(je, closed));
        } finally {
            use.writeLock().unlock();
        }
    }

    /** All that comes later waits meanwhile, and a scan of all keys may take long. */
    private boolean waitsShortly() {
        try {
            return use.writeLock().tryLock(MOST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The last committed position, cheap to ask for; also when closed. Who sees it, reads all that it stands for. */
    @Override
    public Position position() {
        return position;
    }

    /**
     * The highest {@link dev.raftkv.model.Command#logLevel} that was applied, as far as this store knows; also when closed. Every
     * member has read that, or will have to.
     */
    public int logLevel() {
        return logLevel;
    }

    /** What the store takes and does. Cheap, but not for each request. */
    public StoreFigures figures() {
        return use(JeEnvironment::figures);
    }

    /**
     * Begins the one write transaction, which the same thread must close.
     *
     * @param time cluster time in milliseconds; one before that of an earlier transaction counts as that one
     * @throws IllegalStateException if one is open
     */
    public WriteTransaction begin(long time) {
        if (!writing.compareAndSet(false, true)) {
            throw new IllegalStateException("a write transaction is open");
        }
        begun.incrementAndGet();
        use.readLock().lock();
        try {
            JeEnvironment je = environment();
            moments.writes();
            return new WriteTransaction(this, je, je.begin(), position, retention, logLevel, historyLimits, time);
        } catch (RuntimeException e) {
            finished();
            throw e;
        }
    }

    /**
     * How many changes write transactions have made, whether they are committed or not: by it a long one is told from one that
     * hangs. Cheap to ask for.
     */
    public long changesMade() {
        return changesMade.get();
    }

    /** Told by the write transaction of each change. */
    void changes() {
        changesMade.incrementAndGet();
    }

    /**
     * Told by the write transaction before it changes a key.
     *
     * @param row what is there, or null
     */
    void changes(Key key, Keyspace keyspace, Supplier<byte[]> row) {
        moments.changes(key, keyspace, row);
    }

    /** Told by the write transaction before it commits. */
    void commits(long revision) {
        committing = revision;
    }

    /** Told by the write transaction when it is committed. */
    void committed(Position reached, Retention keeps, int level, HistoryLimits limits) {
        historyLimits = limits;
        logLevel = level;
        retention = keeps;
        position = reached;
    }

    /** Told by the write transaction when it is closed, in the thread that began it. */
    void finished() {
        committing = position.revision();
        moments.written(environment, position.revision());
        use.readLock().unlock();
        writing.set(false);
    }

    /**
     * Hard-links a consistent, synced copy of the state at {@link #position} into a directory on the same file system. Cost:
     * a sync and some links, whatever the size. Called by the writing thread, between transactions.
     *
     * @param target must not exist; its parents are made
     */
    public void backup(Path target) {
        if (writing.get()) {
            throw new IllegalStateException("a write transaction is open");
        }
        use(je -> {
            je.backup(target);
            return null;
        });
    }

    /**
     * A copy of the state, to be read while the store goes on. Any thread may ask; it takes links to the store's files, and the
     * reading of what JE has not put in order yet.
     *
     * @return to be closed by the caller; what is not is deleted when the store is closed or opened
     * @throws KvException {@code UNAVAILABLE} if there are {@value StoreCopies#MOST} already, or the store is not open
     */
    public StoreCopy copy() {
        return copies.make(target -> use(je -> {
            je.link(target);
            return null;
        }));
    }

    /**
     * Replaces all state by that of a backup, and leaves the store open, also if it was closed. The backup stays as it is,
     * whatever is written afterwards. If this fails, the store is closed and holds the one state or the other.
     *
     * @param backup a directory on the same file system
     */
    public synchronized void restore(Path backup) {
        directory.prepare(backup);
        closeEnvironment();
        directory.exchange();
        open();
    }

    /** Waits for readers and the write transaction, and closes; nothing happens if it is closed. */
    @Override
    public synchronized void close() {
        copies.close();
        closeEnvironment();
    }

    private void closeEnvironment() {
        if (environment != null) {
            exchange(null).close();
        }
    }

    private JeEnvironment exchange(JeEnvironment opened) {
        if (use.getReadHoldCount() > 0) {
            throw new IllegalStateException("this thread has a write transaction open");
        }
        use.writeLock().lock();
        try {
            JeEnvironment before = environment;
            environment = opened;
            return before;
        } finally {
            use.writeLock().unlock();
        }
    }

    private JeEnvironment environment() {
        if (environment == null) {
            throw new KvException(
                    Code.UNAVAILABLE, "the store is not open on this node now; try again or ask another node");
        }
        return environment;
    }
}
