package dev.raftkv.raft.read;

import dev.raftkv.raft.ratis.OwnServer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.impl.ConfiguredRoles;

/**
 * Tells followers by heartbeats up to where the log is committed. One may fail, so that whoever has not said a moment later that
 * it knows is told once more; after that the next regular heartbeat does it. Nothing waits here. Thread-safe.
 */
public final class CommitNews {
    private static final long MOMENT_MILLIS = 15;

    private final OwnServer server;
    private final ScheduledExecutorService timer;

    public CommitNews(OwnServer server, ScheduledExecutorService timer) {
        this.server = server;
        this.timer = timer;
    }

    /** Those followers that are behind; nobody if this node does not lead. */
    public void tellAll() {
        tellTwice(follower -> true);
    }

    /**
     * One follower, if it is behind. The others are left alone: a heartbeat goes before the entries that wait, and would have
     * each reader cost each write.
     */
    void tell(RaftPeerId follower) {
        tellTwice(follower::equals);
    }

    private void tellTwice(Predicate<RaftPeerId> whom) {
        if (!tellOnce(whom)) {
            return;
        }
        try {
            timer.schedule(() -> tellOnce(whom), MOMENT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // The node stops: whoever leads next tells the followers.
        }
    }

    private boolean tellOnce(Predicate<RaftPeerId> whom) {
        return server.division()
                .map(division -> ConfiguredRoles.tellCommit(division, whom))
                .orElse(false);
    }
}
