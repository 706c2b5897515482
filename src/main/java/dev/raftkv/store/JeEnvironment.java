package dev.raftkv.store;

import com.sleepycat.je.DatabaseException;
import com.sleepycat.je.DatabaseNotFoundException;
import com.sleepycat.je.Environment;
import com.sleepycat.je.EnvironmentConfig;
import com.sleepycat.je.EnvironmentStats;
import com.sleepycat.je.StatsConfig;
import com.sleepycat.je.Transaction;
import com.sleepycat.je.util.DbBackup;
import dev.raftkv.codec.RecordCodec;
import dev.raftkv.codec.RecordCodec.Keyspaces;
import dev.raftkv.codec.RecordCodec.Retention;
import dev.raftkv.model.HistoryLimits;
import dev.raftkv.model.Position;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** An open JE environment with raftkv's databases. */
final class JeEnvironment {
    private static final byte[] POSITION = "position".getBytes(StandardCharsets.UTF_8);
    private static final byte[] RETENTION = "retention".getBytes(StandardCharsets.UTF_8);
    private static final byte[] KEYSPACES = "keyspaces".getBytes(StandardCharsets.UTF_8);
    private static final byte[] SETTINGS = "settings".getBytes(StandardCharsets.UTF_8);
    private static final byte[] LEVEL = "log-level".getBytes(StandardCharsets.UTF_8);
    private static final String KEYS = "keys";
    private static final String EXPIRIES = "expiries";
    private static final String SESSIONS = "sessions";
    private static final String TOMBSTONES = "tombstones";

    private final Path directory;
    private final Environment environment;
    private final Table members;
    private final Table meta;
    private final Table history;
    private final Table requests;
    private final Table requestNumbers;

    private volatile Keyspaces keyspaces;
    private volatile Keyspace live;
    private volatile Optional<Keyspace> staged;

    /** Those that are open, by their numbers. */
    private final Map<Long, Keyspace> open = new ConcurrentHashMap<>();

    private JeEnvironment(Path directory, Environment environment) {
        this.directory = directory;
        this.environment = environment;
        this.members = table("members");
        this.meta = table("meta");
        this.history = table("history");
        this.requests = table("requests");
        this.requestNumbers = table("request-numbers");
        byte[] record = meta.read(KEYSPACES);
        this.keyspaces = record == null ? Keyspaces.FIRST : RecordCodec.decodeKeyspaces(record);
        this.live = keyspace(keyspaces.live()).living(keyspaces.since(), keyspaces.base());
        this.staged = keyspaces.stage().map(stage -> keyspace(stage.number()));
        names().stream()
                .filter(name -> name.startsWith(KEYS))
                .map(JeEnvironment::numberOf)
                .forEach(this::keyspace);
    }

    /** Opens or creates the environment in a directory that exists, and recovers it if it was not closed. */
    static JeEnvironment open(Path directory, StoreSettings settings) {
        return open(directory, JeSettings.environment(settings));
    }

    /** Opens a copy, which is only read. */
    static JeEnvironment openCopy(Path directory) {
        return open(directory, JeSettings.copy());
    }

    private static JeEnvironment open(Path directory, EnvironmentConfig settings) {
        try {
            Environment environment = new Environment(directory.toFile(), settings);
            try {
                return new JeEnvironment(directory, environment);
            } catch (RuntimeException e) {
                environment.close();
                throw e;
            }
        } catch (DatabaseException e) {
            throw new StorageException("opening the store in " + directory, e);
        }
    }

    private Table table(String name) {
        return new Table(environment.openDatabase(null, name, JeSettings.database()));
    }

    /** The keys that are there: rows under the UTF-8 bytes of their keys, and nothing under {@link Keys#expiry}. */
    Keyspace live() {
        return live;
    }

    /** The keys of a restore that is under way. */
    Optional<Keyspace> staged() {
        return staged;
    }

    Keyspaces keyspaces() {
        return keyspaces;
    }

    void putKeyspaces(Transaction transaction, Keyspaces record) {
        meta.put(transaction, KEYSPACES, RecordCodec.encodeKeyspaces(record));
    }

    /** A transaction has brought this about. Called by the thread that writes, when it is committed. */
    void living(Keyspaces record, Keyspace lives, Optional<Keyspace> isStaged) {
        keyspaces = record;
        live = lives;
        staged = isStaged;
    }

    /** Of all tables on the disk. */
    List<String> names() {
        return environment.getDatabaseNames();
    }

    /** Whether there are keyspaces that nobody needs any more, of this run or of one before. */
    boolean hasReplaced() {
        return replaced().isPresent();
    }

    private Optional<Keyspace> replaced() {
        return open.values().stream()
                .filter(each -> each.number() != live.number()
                        // One of a restore that begins, or of which a crash has kept the beginning from being known.
                        && each.number() <= keyspaces.last()
                        && staged.filter(is -> is.number() == each.number()).isEmpty())
                .findAny();
    }

    /** Closes one of those, to be removed. Called while nobody reads or writes. */
    Optional<Keyspace> closeReplaced() {
        Optional<Keyspace> next = replaced();
        next.ifPresent(each -> {
            open.remove(each.number());
            each.close();
        });
        return next;
    }

    /** Opens or makes a keyspace. */
    Keyspace keyspace(long number) {
        return open.computeIfAbsent(number, this::made);
    }

    private Keyspace made(long number) {
        // Each table is made in a transaction of its own, and a copy may come in between. It knows keyspaces by their
        // keys, and would have to make what is missing.
        Table expiries = table(name(EXPIRIES, number));
        SessionTable sessions = new SessionTable(table(name(SESSIONS, number)));
        Tombstones tombstones = new Tombstones(table(name(TOMBSTONES, number)));
        return new Keyspace(number, table(name(KEYS, number)), expiries, sessions, tombstones, 0, 0);
    }

    private static String name(String kind, long number) {
        return number == 0 ? kind : kind + "-" + number;
    }

    private static long numberOf(String keys) {
        return keys.equals(KEYS) ? 0 : Long.parseLong(keys.substring(KEYS.length() + 1));
    }

    /** Removes a keyspace that is closed, and that nobody opens again. Cost: reads its inner nodes. */
    void remove(Keyspace closed) {
        // A start finds what a crash has left of it by its keys.
        for (String kind : List.of(EXPIRIES, SESSIONS, TOMBSTONES, KEYS)) {
            try {
                environment.removeDatabase(null, name(kind, closed.number()));
            } catch (DatabaseNotFoundException e) {
                // A crash came between the first and the last, or a version made it that knew fewer of them.
            } catch (DatabaseException e) {
                throw new StorageException("removing keys that a restore has replaced", e);
            }
        }
    }

    /** HTTP addresses under the UTF-8 bytes of node ids. */
    Table members() {
        return members;
    }

    /** The changes of an entry under the last revision among them, as {@link Keys#number}. */
    Table history() {
        return history;
    }

    /** Remembered requests under their numbers of arrival, as {@link Keys#number}. */
    Table requests() {
        return requests;
    }

    /** Numbers of arrival under the UTF-8 bytes of request keys. */
    Table requestNumbers() {
        return requestNumbers;
    }

    Retention retention() {
        byte[] record = meta.read(RETENTION);
        return record == null ? Retention.NONE : RecordCodec.decodeRetention(record);
    }

    void putRetention(Transaction transaction, Retention retention) {
        meta.put(transaction, RETENTION, RecordCodec.encodeRetention(retention));
    }

    Position position() {
        byte[] record = meta.read(POSITION);
        return record == null ? Position.EMPTY : RecordCodec.decodePosition(record);
    }

    void putPosition(Transaction transaction, Position position) {
        meta.put(transaction, POSITION, RecordCodec.encodePosition(position));
    }

    int logLevel() {
        byte[] record = meta.read(LEVEL);
        return record == null ? 0 : RecordCodec.decodeLevel(record);
    }

    void putLogLevel(Transaction transaction, int logLevel) {
        meta.put(transaction, LEVEL, RecordCodec.encodeLevel(logLevel));
    }

    HistoryLimits historyLimits() {
        byte[] record = meta.read(SETTINGS);
        return record == null ? HistoryLimits.USUAL : RecordCodec.decodeSettings(record);
    }

    void putHistoryLimits(Transaction transaction, HistoryLimits limits) {
        meta.put(transaction, SETTINGS, RecordCodec.encodeSettings(limits));
    }

    Transaction begin() {
        try {
            return environment.beginTransaction(null, JeSettings.transaction());
        } catch (DatabaseException e) {
            throw new StorageException("beginning a write transaction", e);
        }
    }

    /** Brings all that was committed to the disk. */
    private void sync() {
        try {
            environment.flushLog(true);
        } catch (DatabaseException e) {
            throw new StorageException("syncing the store", e);
        }
    }

    /** As {@link #link}, and all of it is on the disk when this returns. */
    void backup(Path target) {
        sync();
        link(target);
        try {
            Directories.sync(target);
        } catch (IOException e) {
            throw new StorageException("syncing the backup " + target, e);
        }
    }

    /** Hard-links the files that hold the committed state into a directory, which must not exist. Any thread may. */
    void link(Path target) {
        try {
            DbBackup backup = new DbBackup(environment);
            // From here to the end the files of the set are neither changed nor deleted by JE.
            backup.startBackup();
            try {
                Directories.create(target);
                Directories.link(directory, backup.getLogFilesInBackupSet(), target);
            } finally {
                backup.endBackup();
            }
        } catch (DatabaseException | IOException e) {
            throw new StorageException("linking a backup into " + target, e);
        }
    }

    StoreFigures figures() {
        try {
            EnvironmentStats stats = environment.getStats(new StatsConfig().setFast(true));
            return new StoreFigures(
                    stats.getCacheTotalBytes(),
                    stats.getNCacheMiss(),
                    // JE tells this too, as of its latest checkpoint.
                    Directories.size(directory),
                    stats.getNLogFSyncs(),
                    stats.getNCleanerDeletions());
        } catch (DatabaseException | IOException e) {
            throw new StorageException("reading the statistics of the store", e);
        }
    }

    /** As {@link StoreFigures#cacheMisses}, without a look at the disk. */
    long cacheMisses() {
        try {
            return environment.getStats(new StatsConfig().setFast(true)).getNCacheMiss();
        } catch (DatabaseException e) {
            throw new StorageException("reading the statistics of the store", e);
        }
    }

    /** All that are the same at each node that has applied the same. */
    List<Table> replicated() {
        return tables(Stream.concat(Stream.of(live), staged.stream()));
    }

    /** All of them. */
    private List<Table> tables() {
        return tables(open.values().stream());
    }

    private List<Table> tables(Stream<Keyspace> some) {
        return Stream.concat(
                        Stream.of(members, meta, history, requests, requestNumbers),
                        some.flatMap(each -> Stream.of(
                                each.rows(),
                                each.expiries(),
                                each.sessions().table(),
                                each.tombstones().table())))
                .toList();
    }

    /** Closes the environment, whatever fails before. One that has failed already was told of then, and is closed all the same. */
    void close() {
        boolean works = environment.isValid();
        try {
            try {
                tables().forEach(Table::close);
            } finally {
                environment.close();
            }
        } catch (DatabaseException e) {
            if (works) {
                throw new StorageException("closing the store in " + directory, e);
            }
        }
    }
}
