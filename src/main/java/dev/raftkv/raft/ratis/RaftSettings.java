package dev.raftkv.raft.ratis;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Key;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** Every setting of Ratis, in one place. Its defaults are made for a machine of its own. */
public final class RaftSettings {
    private static final long MIB = 1 << 20;
    private static final int ENTRY_OVERHEAD = 1024;
    private static final int SNAPSHOTS_KEPT = 2;
    /** Each costs six bytes at most beside itself; these have to find room in a message. */
    private static final int MAX_APPEND_ENTRIES = 8192;

    private RaftSettings() {}

    /** The most bytes of commands that one Raft entry may hold: room for the largest command, and for many small ones. */
    public static int maxEntryBytes(NodeConfig config) {
        return (int) Math.max(MIB, config.limits().valueBytes() + Key.MAX_BYTES + ENTRY_OVERHEAD);
    }

    /** The largest entry that Ratis writes and reads. */
    public static int maxAppendBytes(NodeConfig config) {
        return maxEntryBytes(config) + ENTRY_OVERHEAD;
    }

    /** The most bytes of commands that may wait for their commit. */
    public static long maxPendingBytes(NodeConfig config) {
        return Math.max(16 * MIB, 4L * maxEntryBytes(config));
    }

    public static RaftProperties server(NodeConfig config, Path storage) {
        RaftProperties p = new RaftProperties();
        RaftConfigKeys.Rpc.setType(p, new Transport());
        timeouts(p, config.timeouts().election());
        RaftServerConfigKeys.setStorageDir(p, List.of(storage.toFile()));
        RaftServerConfigKeys.setRemovedGroupsDir(p, storage.resolve("removed").toFile());
        log(p, maxAppendBytes(config));
        RaftServerConfigKeys.Write.setByteLimit(p, SizeInBytes.valueOf(2 * maxPendingBytes(config)));
        // The node itself decides when to take a snapshot: Ratis counts entries, not bytes.
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(p, false);
        RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(p, false);
        RaftServerConfigKeys.Snapshot.setTriggerWhenRemoveEnabled(p, false);
        RaftServerConfigKeys.Snapshot.setRetentionFileNum(p, SNAPSHOTS_KEPT);
        // Nobody repeats a call through Ratis: an entry is proposed once, under its own call id.
        RaftServerConfigKeys.RetryCache.setExpiryTime(p, seconds(5));
        return p;
    }

    /** How long a call that brings entries, or a part of a snapshot, may wait for its answer: for a disk. */
    public static long bulkMillis(Duration election) {
        return Math.max(3000, 3 * election.toMillis());
    }

    private static void timeouts(RaftProperties p, Duration election) {
        TimeDuration min = millis(election.toMillis());
        TimeDuration max = millis(2 * election.toMillis());
        RaftServerConfigKeys.Rpc.setTimeoutMin(p, min);
        RaftServerConfigKeys.Rpc.setTimeoutMax(p, max);
        RaftServerConfigKeys.Rpc.setRequestTimeout(p, millis(bulkMillis(election)));
        // Between attempts to reach a member that does not answer.
        RaftServerConfigKeys.Rpc.setSleepTime(p, millis(Math.max(100, election.toMillis() / 5)));
        // So long a leader that has lost the others does not stand again, though it may be the only one with the whole
        // log.
        RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(p, max);
        // A suspended machine comes back; Ratis would close its server for good after a minute's pause.
        RaftServerConfigKeys.setCloseThreshold(p, TimeDuration.valueOf(1000, TimeUnit.DAYS));
    }

    /** For a founder: it has nobody to hear from, and its users wait. */
    public static void electAtOnce(RaftProperties p) {
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(p, millis(10));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(p, millis(20));
    }

    /** Undoes it: Ratis looks at this setting at each first election, also of a group that the node is taken into later. */
    public static void electInTime(RaftProperties p) {
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(p, RaftServerConfigKeys.Rpc.timeoutMin(p));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(p, RaftServerConfigKeys.Rpc.timeoutMax(p));
    }

    private static void log(RaftProperties p, int appendBytes) {
        RaftServerConfigKeys.Log.setSegmentSizeMax(p, SizeInBytes.valueOf(Math.max(8 * MIB, 2L * appendBytes)));
        RaftServerConfigKeys.Log.setPreallocatedSize(p, SizeInBytes.valueOf(MIB));
        RaftServerConfigKeys.Log.setSegmentCacheNumMax(p, 1);
        RaftServerConfigKeys.Log.setSegmentCacheSizeMax(p, SizeInBytes.valueOf(16 * MIB));
        // Ratis wants room for its header beside the largest append. All of the buffer is in memory, always.
        RaftServerConfigKeys.Log.setWriteBufferSize(p, SizeInBytes.valueOf(appendBytes + ENTRY_OVERHEAD));
        RaftServerConfigKeys.Log.setQueueByteLimit(p, SizeInBytes.valueOf(Math.max(16 * MIB, 4L * appendBytes)));
        RaftServerConfigKeys.Log.Appender.setBufferByteLimit(p, SizeInBytes.valueOf(appendBytes));
        RaftServerConfigKeys.Log.Appender.setBufferElementLimit(p, MAX_APPEND_ENTRIES);
        RaftServerConfigKeys.Log.Appender.setSnapshotChunkSizeMax(p, SizeInBytes.valueOf(MIB));
        // The appender has one request in flight, so there is nothing to compose; composing costs a task per
        // append.
        RaftServerConfigKeys.Log.setAppendEntriesComposeEnabled(p, false);
        RaftServerConfigKeys.Log.setPurgeGap(p, 128);
        RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(p, true);
        // A command is applied before it is answered, so nobody waits on the entries that only record the commit index.
        RaftServerConfigKeys.Log.setLogMetadataEnabled(p, false);
    }

    static TimeDuration millis(long millis) {
        return TimeDuration.valueOf(millis, TimeUnit.MILLISECONDS);
    }

    private static TimeDuration seconds(long seconds) {
        return TimeDuration.valueOf(seconds, TimeUnit.SECONDS);
    }
}
