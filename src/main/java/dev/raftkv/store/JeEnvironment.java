package dev.raftkv.store;

import com.sleepycat.je.DatabaseException;
import com.sleepycat.je.Environment;
import com.sleepycat.je.EnvironmentConfig;
import com.sleepycat.je.EnvironmentStats;
import com.sleepycat.je.StatsConfig;
import com.sleepycat.je.Transaction;
import com.sleepycat.je.util.DbBackup;
import dev.raftkv.codec.RecordCodec;
import dev.raftkv.codec.RecordCodec.Retention;
import dev.raftkv.model.Position;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** An open JE environment with raftkv's databases. */
final class JeEnvironment {
    private static final byte[] POSITION = "position".getBytes(StandardCharsets.UTF_8);
    private static final byte[] RETENTION = "retention".getBytes(StandardCharsets.UTF_8);

    private final Path directory;
    private final Environment environment;
    private final Table rows;
    private final Table members;
    private final Table meta;
    private final Table expiries;
    private final Table history;
    private final Table requests;
    private final Table requestNumbers;

    private JeEnvironment(Path directory, Environment environment) {
        this.directory = directory;
        this.environment = environment;
        this.rows = table("keys");
        this.members = table("members");
        this.meta = table("meta");
        this.expiries = table("expiries");
        this.history = table("history");
        this.requests = table("requests");
        this.requestNumbers = table("request-numbers");
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
            } catch (DatabaseException e) {
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

    /** Rows under the UTF-8 bytes of their keys. */
    Table rows() {
        return rows;
    }

    /** HTTP addresses under the UTF-8 bytes of node ids. */
    Table members() {
        return members;
    }

    /** Nothing under {@link Keys#expiry}. */
    Table expiries() {
        return expiries;
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

    /** All of them. */
    List<Table> tables() {
        return List.of(rows, members, meta, expiries, history, requests, requestNumbers);
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
