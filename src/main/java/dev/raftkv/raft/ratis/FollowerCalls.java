package dev.raftkv.raft.ratis;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.impl.ConfiguredRoles;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.RaftLogIOException;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.util.TimeDuration;
import org.apache.ratis.util.Timestamp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one appender's calls bring its follower, and what the answers mean, by the rules of Ratis' own appender. There is
 * one call at a time: whoever has the turn makes the next, and nobody else until that is answered or given up.
 */
final class FollowerCalls {
    private static final Logger LOG = LoggerFactory.getLogger(FollowerCalls.class);

    /** Whoever lacks more may need entries that are on the disk only. */
    private static final long FEW = 16;

    private final PromptAppender appender;
    private final FollowerInfo follower;
    private final LeaderState leader;
    private final int mostBytes;

    static final long NO_TURN = 0;

    /** How often the turn was taken and given back; while it is somebody's, odd. */
    private final AtomicLong tickets = new AtomicLong();

    private volatile boolean steady;

    FollowerCalls(PromptAppender appender) {
        this.appender = appender;
        this.follower = appender.getFollower();
        this.leader = appender.getLeaderState();
        this.mostBytes = RaftServerConfigKeys.Log.Appender.bufferByteLimit(
                        appender.getServer().getRaftServer().getProperties())
                .getSizeInt();
    }

    /** The ticket of who has the turn from now on, or {@link #NO_TURN} if it is another's. */
    long takeTurn() {
        while (true) {
            long last = tickets.get();
            if (last % 2 != 0) {
                return NO_TURN;
            }
            if (tickets.compareAndSet(last, last + 1)) {
                return last + 1;
            }
        }
    }

    boolean isTurn(long ticket) {
        return tickets.get() == ticket;
    }

    /** To do so twice is as to do so once. */
    void giveBack(long ticket) {
        tickets.compareAndSet(ticket, ticket + 1);
    }

    /** Whether the last call has succeeded. */
    boolean areSteady() {
        return steady;
    }

    void settle(boolean well) {
        steady = well;
    }

    /** Whether the follower is a member that lacks little, if anything. */
    boolean areFew() {
        return appender.getRaftLog().getNextIndex() - follower.getNextIndex() <= FEW
                && !leader.isFollowerBootstrapping(follower);
    }

    /**
     * A request that brings the follower its next entries, as many as fit. It is made beside the buffer of Ratis' appender, whose
     * rest would be in the way of every later request if an entry could not be read.
     *
     * @param end before which the entries are
     * @return empty if there are none, or the log does not have the one before
     */
    Optional<AppendEntriesRequestProto> entries(long end) throws RaftLogIOException, TimeoutException {
        RaftLog log = appender.getRaftLog();
        long first = follower.getNextIndex();
        TermIndex previous = appender.getPrevious(first);
        if (previous == null && first > RaftLog.LEAST_VALID_LOG_INDEX) {
            return Optional.empty();
        }
        List<LogEntryProto> entries = new ArrayList<>();
        long bytes = 0;
        for (long index = first; index < end; index++) {
            LogEntryProto entry = log.getEntryWithData(index).getEntry(TimeDuration.ZERO);
            bytes += entry.getSerializedSize();
            if (bytes > mostBytes) {
                break;
            }
            entries.add(entry);
        }
        return entries.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        leader.newAppendEntriesRequestProto(follower, entries, previous, CallId.getAndIncrement()));
    }

    /**
     * Notes a success on a thread that must not wait. All indexes and times are atomic; the commit index is looked at without the
     * log's lock; and the leader's thread is told by its queue, whose lock is held for moments. Ratis would go on to whoever
     * takes over, which needs the log's lock: that is left to the appender's own thread. Of the follower's commit index only its
     * watches, which are not used here, would be told.
     */
    void succeedAtOnce(AppendEntriesRequestProto request, Timestamp sent, AppendEntriesReplyProto reply) {
        noteAnswer(sent);
        follower.updateCommitIndex(reply.getFollowerCommit());
        if (advance(request, reply)
                && follower.getMatchIndex() > appender.getRaftLog().getLastCommittedIndex()) {
            ConfiguredRoles.lookAtCommit(leader);
        }
        leader.onAppendEntriesReply(appender, reply);
    }

    /** Makes the call that is due: a snapshot, a heartbeat or entries. */
    void sendAndWait() throws InterruptedException, IOException {
        SnapshotInfo snapshot = appender.shouldInstallSnapshot();
        if (snapshot != null) {
            LOG.info(
                    "{}: sends snapshot {}, as the log begins with {}",
                    appender,
                    snapshot,
                    appender.getRaftLog().getStartIndex());
            install(snapshot);
            return;
        }
        boolean heartbeat = appender.getHeartbeatWaitTimeMs() <= 0;
        if (heartbeat) {
            appender.heartbeatComes();
        }
        AppendEntriesRequestProto request = appender.newAppendEntriesRequest(CallId.getAndIncrement(), heartbeat);
        if (request == null) {
            if (appender.getHeartbeatWaitTimeMs() > 0) {
                // What comes before its next entry is not there any more, and a snapshot not yet.
                pause();
            }
            return;
        }
        Timestamp sent = Timestamp.currentTime();
        follower.updateLastRpcSendTime(request.getEntriesCount() == 0);
        AppendEntriesReplyProto reply;
        try {
            reply = appender.getServerRpc().appendEntries(request);
        } catch (InterruptedIOException | RaftLogIOException e) {
            throw e;
        } catch (IOException e) {
            // The connection has told it, once.
            LOG.debug("{}: entries could not be sent", appender, e);
            steady = false;
            pause();
            return;
        }
        noteAnswer(sent);
        leader.onFollowerCommitIndex(follower, reply.getFollowerCommit());
        take(request, reply);
    }

    private void noteAnswer(Timestamp sent) {
        follower.updateLastRpcResponseTime();
        follower.updateLastRespondedAppendEntriesSendTime(sent);
    }

    private void take(AppendEntriesRequestProto request, AppendEntriesReplyProto reply) throws InterruptedException {
        steady = reply.getResult() == AppendResult.SUCCESS;
        switch (reply.getResult()) {
            case SUCCESS -> {
                if (advance(request, reply)) {
                    leader.onFollowerSuccessAppendEntries(follower);
                }
            }
            case NOT_LEADER -> appender.onFollowerTerm(reply.getTerm());
            case INCONSISTENCY -> {
                long first =
                        request.getEntriesCount() > 0 ? request.getEntries(0).getIndex() : RaftLog.INVALID_LOG_INDEX;
                follower.setNextIndex(appender.nextIndexAfter(first, reply.getNextIndex()));
            }
            default -> {
                LOG.warn("{}: the follower answers {}", appender, reply.getResult());
                pause();
            }
        }
        leader.onAppendEntriesReply(appender, reply);
    }

    /** Whether the follower has more than before. */
    private boolean advance(AppendEntriesRequestProto request, AppendEntriesReplyProto reply) {
        long before = follower.getNextIndex();
        // A heartbeat proves the entry before it, and none that the follower may have beside.
        long next = request.getEntriesCount() > 0
                ? reply.getNextIndex()
                : Math.max(
                        before,
                        request.hasPreviousLog() ? request.getPreviousLog().getIndex() + 1 : 0);
        if (next < before) {
            throw new IllegalStateException(
                    appender + ": the follower has entries up to " + next + ", and had more: " + before);
        }
        if (next == before) {
            return false;
        }
        follower.updateMatchIndex(next - 1);
        follower.increaseNextIndex(next);
        return true;
    }

    private void pause() throws InterruptedException {
        if (appender.isRunning()) {
            appender.getServer().properties().rpcSleepTime().sleep();
        }
    }

    private void install(SnapshotInfo snapshot) throws InterruptedException, InterruptedIOException {
        steady = false;
        InstallSnapshotReplyProto reply = null;
        try {
            for (InstallSnapshotRequestProto part :
                    appender.newInstallSnapshotRequests(UUID.randomUUID().toString(), snapshot)) {
                follower.updateLastRpcSendTime(false);
                reply = appender.getServerRpc().installSnapshot(part);
                follower.updateLastRpcResponseTime();
                if (!reply.getServerReply().getSuccess()) {
                    break;
                }
            }
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            // The connection has told it, once.
            LOG.debug("{}: snapshot {} could not be sent", appender, snapshot, e);
            pause();
            return;
        } catch (RuntimeException e) {
            LOG.warn(
                    "{}: snapshot {} cannot be read; it may just have been replaced by another", appender, snapshot, e);
            pause();
            return;
        }
        if (reply != null) {
            takeInstalled(snapshot, reply);
        }
    }

    private void takeInstalled(SnapshotInfo snapshot, InstallSnapshotReplyProto reply) {
        if (reply.getServerReply().getSuccess()) {
            follower.setSnapshotIndex(snapshot.getTermIndex().getIndex());
            LOG.info("{}: snapshot {} is installed", appender, snapshot);
            appender.getServer().getRaftServerMetrics().onSnapshotInstalled();
        }
        switch (reply.getResult()) {
            case NOT_LEADER -> appender.onFollowerTerm(reply.getTerm());
            case SUCCESS, ALREADY_INSTALLED, SNAPSHOT_UNAVAILABLE, SNAPSHOT_EXPIRED ->
                follower.setAttemptedToInstallSnapshot();
            default -> LOG.debug("{}: the follower answers {} to a snapshot", appender, reply.getResult());
        }
    }
}
