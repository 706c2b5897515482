package dev.raftkv.raft.log;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.RaftLogBase;
import org.apache.ratis.util.AutoCloseableLock;
import org.apache.ratis.util.TimeDuration;

/**
 * The last entry of a log, for those who tell how the node is. Ratis keeps a log locked while it waits for room in the queue
 * of what is to be written, for as long as the disk hangs. It offers no read lock with a deadline, only a write lock.
 */
public final class LogEnd {
    /** The last entry of an empty log. */
    public static final TermIndex NONE = TermIndex.valueOf(-1, RaftLog.INVALID_LOG_INDEX);

    private static final TimeDuration PATIENCE = TimeDuration.valueOf(100, TimeUnit.MILLISECONDS);

    private LogEnd() {}

    /** Soon; empty if the log stays locked. */
    public static Optional<TermIndex> of(RaftLog log) {
        try (AutoCloseableLock lock = ((RaftLogBase) log).tryWriteLock(PATIENCE)) {
            return lock == null
                    ? Optional.empty()
                    : Optional.ofNullable(log.getLastEntryTermIndex()).or(() -> Optional.of(NONE));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
