package dev.raftkv.raft.care;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.group.KvStateMachine;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.RaftErrors;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has a snapshot taken when enough was applied since the latest: then the log is cut. */
public final class SnapshotCare {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotCare.class);
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private final NodeConfig.Storage limits;
    private final OwnServer server;
    private long askedAt = -1;

    public SnapshotCare(NodeConfig.Storage limits, OwnServer server) {
        this.limits = limits;
        this.server = server;
    }

    void look(KvStateMachine machine) throws IOException {
        if (!machine.hasReplayed()) {
            return;
        }
        SnapshotInfo latest = machine.getLatestSnapshot();
        long applied = machine.store().position().index();
        long since = applied - (latest == null ? 0 : latest.getIndex());
        boolean due = since >= limits.snapshotEntries() || machine.logBytes() >= limits.snapshotLogBytes();
        if (due && since > 0 && askedAt != applied) {
            askedAt = applied;
            server.takeSnapshot(TIMEOUT).whenComplete((reply, failure) -> log(applied, reply, failure));
        }
    }

    /**
     * Has one taken now.
     *
     * @return ends with the index of the latest snapshot when it is on the disk, the former one if nothing was changed since;
     *     or with a {@link KvException}: {@code UNAVAILABLE}
     */
    public CompletableFuture<Long> take(KvStateMachine machine) {
        if (!machine.hasReplayed()) {
            return CompletableFuture.failedFuture(new KvException(
                    Code.UNAVAILABLE,
                    "no snapshot was taken: this node still reads its log; try again in a few seconds"));
        }
        try {
            return server.takeSnapshot(TIMEOUT).handle((reply, failure) -> {
                Throwable cause = failure != null ? failure : reply.getException();
                if (cause != null) {
                    throw failed(cause);
                }
                return reply.getLogIndex();
            });
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(failed(e));
        }
    }

    private static KvException failed(Throwable cause) {
        return new KvException(
                Code.UNAVAILABLE,
                "no snapshot was taken (" + RaftErrors.unwrap(cause).getMessage() + "): try again",
                cause);
    }

    private void log(long applied, RaftClientReply reply, Throwable failure) {
        Throwable cause = failure != null ? failure : reply.getException();
        if (cause != null) {
            LOG.warn(
                    "node {} could not take a snapshot at about index {}: {}",
                    server.name(),
                    applied,
                    cause.toString());
        }
    }
}
