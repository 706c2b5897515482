package dev.raftkv.raft.ratis;

import java.io.IOException;
import java.util.Comparator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.protocol.exceptions.TimeoutIOException;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppenderBase;
import org.apache.ratis.util.Timestamp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the log to one follower, one call at a time. While all is well, entries are sent by the thread that has appended them,
 * and the answer is heard by the thread that reads it. A thread of its own does all the rest: heartbeats, snapshots, calls that
 * have failed or are late, and followers that are behind. Here is who makes which call, and when; {@link FollowerCalls} makes
 * them. DESIGN.md says why a follower cannot tell the difference.
 */
final class PromptAppender extends LogAppenderBase {
    private static final Logger LOG = LoggerFactory.getLogger(PromptAppender.class);

    /** How often a call is looked at that keeps a heartbeat waiting. */
    private static final long LOOK_MILLIS = 50;

    private final FollowerCalls calls;
    private final BooleanSupplier handover;
    private final long patienceNanos;

    /** Wakes this appender's own thread; what comes while it is busy is not lost. */
    private final Semaphore news = new Semaphore(0);

    /** Whether something was to be sent while a call was under way, or is left over by it. */
    private volatile boolean more;

    private volatile boolean heartbeatWished;

    /** Whether the leader is to be told of the last answer by a thread that may wait for the log's lock. */
    private volatile boolean awaited;

    /** What has gone wrong on another's thread; told by this appender's own. */
    private volatile Throwable trouble;

    /** The last one; whether it still is under way, its ticket says. */
    private final AtomicReference<Call> underWay = new AtomicReference<>();

    /** One that nobody waits for. */
    private record Call(
            long ticket,
            AppendEntriesRequestProto request,
            Timestamp sent,
            long begun,
            CompletableFuture<AppendEntriesReplyProto> reply) {
        /** Whether it brings the follower all before an index. */
        boolean isAll(long next) {
            return request.getEntries(request.getEntriesCount() - 1).getIndex() + 1 >= next;
        }
    }

    /** @param handover whether the division hands its leadership over */
    PromptAppender(RaftServer.Division division, LeaderState leader, FollowerInfo follower, BooleanSupplier handover) {
        super(division, leader, follower);
        this.calls = new FollowerCalls(this);
        this.handover = handover;
        this.patienceNanos = RaftServerConfigKeys.Rpc.requestTimeout(
                        division.getRaftServer().getProperties())
                .toLong(TimeUnit.NANOSECONDS);
    }

    @Override
    public long getCallId() {
        return CallId.get();
    }

    @Override
    public Comparator<Long> getCallIdComparator() {
        return CallId.getComparator();
    }

    /** Takes no lock, and is never missed. */
    @Override
    public void triggerHeartbeat() {
        heartbeatWished = true;
        wake();
    }

    @Override
    public long getHeartbeatWaitTimeMs() {
        return heartbeatWished ? 0 : super.getHeartbeatWaitTimeMs();
    }

    /** To be called before a heartbeat is made: a wish that comes later is for the next. */
    void heartbeatComes() {
        heartbeatWished = false;
    }

    /** What {@link FollowerCalls} may not ask Ratis itself. */
    long nextIndexAfter(long firstRefused, long wanted) {
        return getNextIndexForInconsistency(firstRefused, wanted);
    }

    /**
     * Never throws, whatever happens: whoever has appended an entry is here, or the leader's thread that has committed one and
     * holds the division's lock.
     */
    @Override
    public void notifyLogAppender() {
        try {
            if (shouldSendAppendEntries()) {
                sendOrWake();
            }
        } catch (Throwable e) {
            trouble = e;
            wake();
        }
    }

    private void sendOrWake() {
        if (!calls.areSteady() || getHeartbeatWaitTimeMs() <= 0 || !calls.areFew()) {
            more = true;
            wake();
            return;
        }
        Call call = underWay();
        if (call != null && call.isAll(getRaftLog().getNextIndex())) {
            // Told of a commit.
            return;
        }
        long ticket = calls.takeTurn();
        if (ticket == FollowerCalls.NO_TURN) {
            more = true;
            // Whoever had it may not have seen that any more.
            ticket = calls.takeTurn();
            if (ticket == FollowerCalls.NO_TURN) {
                return;
            }
        }
        boolean sent = false;
        try {
            sent = sendAtOnce(ticket);
        } catch (IOException | TimeoutException e) {
            LOG.debug("{}: not at once", this, e);
        } finally {
            if (!sent) {
                giveBack(ticket, false);
            }
        }
    }

    /** @param well whether the next entries may be sent by who appends them */
    private void giveBack(long ticket, boolean well) {
        calls.settle(well);
        calls.giveBack(ticket);
        if (!well || more || awaited || getHeartbeatWaitTimeMs() <= 0) {
            wake();
        }
    }

    /** Null if there is none that nobody waits for. */
    private Call underWay() {
        Call call = underWay.get();
        return call != null && calls.isTurn(call.ticket()) ? call : null;
    }

    private void wake() {
        if (news.availablePermits() == 0) {
            news.release();
        }
    }

    /** False if what is to be sent cannot be sent so. */
    private boolean sendAtOnce(long ticket) throws IOException, TimeoutException {
        more = false;
        if (!isRunning()) {
            return false;
        }
        long end = getRaftLog().getNextIndex();
        if (getFollower().getNextIndex() >= end) {
            // The call before has brought it meanwhile.
            giveBack(ticket, true);
            return true;
        }
        AppendEntriesRequestProto request = calls.entries(end).orElse(null);
        if (request == null) {
            return false;
        }
        Timestamp sent = Timestamp.currentTime();
        getFollower().updateLastRpcSendTime(false);
        CompletableFuture<AppendEntriesReplyProto> reply =
                getServerRpc().async().appendEntriesAsync(request);
        Call call = new Call(ticket, request, sent, System.nanoTime(), reply);
        if (!call.isAll(end)) {
            more = true;
        }
        underWay.set(call);
        reply.whenComplete((answer, failure) -> hear(call, answer, failure));
        return true;
    }

    /** On a thread that must not wait: no lock is taken here that is held for longer than it takes to note something. */
    private void hear(Call call, AppendEntriesReplyProto reply, Throwable failure) {
        if (!calls.isTurn(call.ticket())) {
            return;
        }
        boolean well = false;
        try {
            if (failure == null && reply.getResult() == AppendResult.SUCCESS && isRunning()) {
                calls.succeedAtOnce(call.request(), call.sent(), reply);
                // After the match index is noted: a handover that begins later looks at that.
                if (handover.getAsBoolean() || getLeaderState().isFollowerBootstrapping(getFollower())) {
                    awaited = true;
                }
                well = true;
            } else {
                // Sent again by the thread that may wait, the answer to which says more.
                LOG.debug("{}: {}", this, reply, failure);
            }
        } catch (Throwable e) {
            trouble = e;
        } finally {
            underWay.compareAndSet(call, null);
            giveBack(call.ticket(), well);
        }
    }

    /** This appender's own thread. What it fails with ends it, and has the leader begin with another, as Ratis does. */
    @Override
    public void run() throws InterruptedException, IOException {
        try {
            while (isRunning()) {
                news.drainPermits();
                tell();
                boolean mine = takeTurn();
                if (!mine) {
                    giveUpIfLate();
                }
                getLeaderState().checkHealth(getFollower());
                if (isRunning() && !(mine && hasAppendEntries())) {
                    long wait = getHeartbeatWaitTimeMs();
                    news.tryAcquire(mine ? wait : Math.max(wait, LOOK_MILLIS), TimeUnit.MILLISECONDS);
                }
            }
        } finally {
            Call call = underWay();
            if (call != null) {
                call.reply().cancel(false);
            }
        }
    }

    private boolean takeTurn() throws InterruptedException, IOException {
        long ticket = calls.takeTurn();
        if (ticket == FollowerCalls.NO_TURN) {
            return false;
        }
        try {
            more = false;
            if (shouldSendAppendEntries()) {
                calls.sendAndWait();
            }
        } finally {
            calls.giveBack(ticket);
        }
        return true;
    }

    private void tell() {
        Throwable happened = trouble;
        if (happened != null) {
            trouble = null;
            LOG.warn("{}: sends again what could not be sent, or whose answer could not be used", this, happened);
        }
        if (awaited) {
            awaited = false;
            getLeaderState().onFollowerSuccessAppendEntries(getFollower());
        }
    }

    private void giveUpIfLate() {
        Call call = underWay();
        if (call != null && System.nanoTime() - call.begun() > patienceNanos) {
            call.reply()
                    .completeExceptionally(new TimeoutIOException(
                            this + ": no answer within " + TimeUnit.NANOSECONDS.toMillis(patienceNanos) + " ms"));
        }
    }
}
