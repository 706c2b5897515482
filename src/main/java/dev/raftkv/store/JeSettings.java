package dev.raftkv.store;

import com.sleepycat.je.DatabaseConfig;
import com.sleepycat.je.Durability;
import com.sleepycat.je.EnvironmentConfig;
import com.sleepycat.je.TransactionConfig;
import java.util.concurrent.TimeUnit;

/** Every setting of JE that raftkv relies on, in one place. JE's defaults are made for a machine of its own. */
final class JeSettings {
    private static final int MIB = 1 << 20;
    private static final int COPY_CACHE = 8 * MIB;

    private JeSettings() {}

    static EnvironmentConfig environment(StoreSettings settings) {
        EnvironmentConfig config = new EnvironmentConfig();
        config.setAllowCreate(true);
        config.setTransactional(true);
        config.setTxnSerializableIsolation(false);
        config.setDurability(durability());
        memory(config, settings);
        disk(config);
        waiting(config);
        background(config);
        log(config);
        return config;
    }

    /**
     * For a copy that is read once, from its first key to its last. It is not opened for reading only: JE could not let go of
     * what it has to do again of the latest changes then, however little memory there is.
     */
    static EnvironmentConfig copy() {
        EnvironmentConfig config = environment(new StoreSettings(COPY_CACHE));
        set(config, EnvironmentConfig.ENV_RUN_CLEANER, false);
        set(config, EnvironmentConfig.ENV_RUN_CHECKPOINTER, false);
        set(config, EnvironmentConfig.ENV_RUN_IN_COMPRESSOR, false);
        return config;
    }

    static TransactionConfig transaction() {
        return new TransactionConfig().setDurability(durability());
    }

    static DatabaseConfig database() {
        // Key prefixing: keys like app/service/name share most of their bytes with their neighbours.
        return new DatabaseConfig()
                .setAllowCreate(true)
                .setTransactional(true)
                .setSortedDuplicates(false)
                .setKeyPrefixing(true);
    }

    /**
     * A commit is handed to the operating system, not to the disk: what readers saw must survive the death of the process,
     * and after a power loss the Raft log, which is synced, applies again what the store lacks.
     */
    private static Durability durability() {
        return Durability.COMMIT_WRITE_NO_SYNC;
    }

    private static void memory(EnvironmentConfig config, StoreSettings settings) {
        // By default JE takes 60 % of the heap.
        config.setCacheSize(settings.cacheBytes());
        config.setSharedCache(false);
        config.setOffHeapCacheSize(0);
        set(config, EnvironmentConfig.EVICTOR_CORE_THREADS, 1);
        set(config, EnvironmentConfig.EVICTOR_MAX_THREADS, 1);
    }

    private static void disk(EnvironmentConfig config) {
        set(config, EnvironmentConfig.LOG_FILE_MAX, 10 * MIB);
        set(config, EnvironmentConfig.MAX_DISK, 0);
        // JE refuses writes under this, by default under 5 GB. The node has a limit of its own, which it applies before
        // a write enters the Raft log; this is the last resort, which leaves JE room for a checkpoint.
        set(config, EnvironmentConfig.FREE_DISK, 5 * MIB);
        // A snapshot's files are hard links to ours, and the other way round after a restore. Each start writes to a
        // new file, so that a file which a snapshot shares is never appended to. JE marks the last file of a backup
        // to the same end; a snapshot must not depend on that alone.
        set(config, EnvironmentConfig.ENV_RECOVERY_FORCE_NEW_FILE, true);
        // A torn end of the log is cut off: the Raft log has what is lost with it.
        set(config, EnvironmentConfig.HALT_ON_COMMIT_AFTER_CHECKSUMEXCEPTION, false);
        set(config, EnvironmentConfig.LOG_VERIFY_CHECKSUMS, false);
        set(config, EnvironmentConfig.LOG_CHECKSUM_READ, true);
        set(config, EnvironmentConfig.LOG_USE_ODSYNC, false);
        // Timers that sync the log behind our back; commits are written at once, and snapshots sync.
        set(config, EnvironmentConfig.LOG_FLUSH_SYNC_INTERVAL, 0);
        set(config, EnvironmentConfig.LOG_FLUSH_NO_SYNC_INTERVAL, 0);
    }

    private static void waiting(EnvironmentConfig config) {
        // One writer and readers of single rows cannot deadlock. A wait is the write transaction of an entry of many
        // commands, on a slow disk at worst; JE's 500 ms would then turn into failures.
        config.setLockTimeout(30, TimeUnit.SECONDS);
        config.setTxnTimeout(0, TimeUnit.SECONDS);
        set(config, EnvironmentConfig.LOCK_DEADLOCK_DETECT, false);
        // Readers of different keys seldom meet at one lock table.
        set(config, EnvironmentConfig.LOCK_N_LOCK_TABLES, 7);
        // JE lets one thread flush the log for those that want it at the same moment, a commit and a checkpoint say.
        // It may lose the call that wakes the next of them: who has waited so long does it by itself, at no more cost.
        set(config, EnvironmentConfig.LOG_FSYNC_TIMEOUT, "10 ms");
    }

    private static void background(EnvironmentConfig config) {
        set(config, EnvironmentConfig.CLEANER_THREADS, 1);
        set(config, EnvironmentConfig.CLEANER_MIN_UTILIZATION, 50);
        set(config, EnvironmentConfig.CLEANER_EXPUNGE, true);
        // Bounds what recovery reads after a kill.
        set(config, EnvironmentConfig.CHECKPOINTER_BYTES_INTERVAL, 20 * MIB);
        set(config, EnvironmentConfig.ENV_RUN_VERIFIER, false);
        set(config, EnvironmentConfig.ENV_RUN_OFFHEAP_EVICTOR, false);
        set(config, EnvironmentConfig.ENV_RUN_EXTINCT_RECORD_SCANNER, false);
        set(config, EnvironmentConfig.ENV_RUN_BACKUP, false);
        // Expiry by the node's clock would make replicas differ.
        set(config, EnvironmentConfig.ENV_EXPIRATION_ENABLED, false);
    }

    private static void log(EnvironmentConfig config) {
        config.setLoggingHandler(new JeLog());
        // No statistics and traces beside the data, but for je.info.0, which JE makes and which stays empty.
        set(config, EnvironmentConfig.STATS_COLLECT, false);
        set(config, EnvironmentConfig.FILE_LOGGING_LEVEL, "OFF");
        set(config, EnvironmentConfig.CONSOLE_LOGGING_LEVEL, "OFF");
    }

    private static void set(EnvironmentConfig config, String name, Object value) {
        config.setConfigParam(name, value.toString());
    }
}
