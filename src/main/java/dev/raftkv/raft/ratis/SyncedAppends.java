package dev.raftkv.raft.ratis;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotResult;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.impl.ConfiguredRoles;
import org.apache.ratis.util.ProtoUtils;

/**
 * Tells a leader that this node has its entries only when the disk has them. Ratis waits for what is new to its log, but not
 * for what it finds there, which may be in memory only; DESIGN.md says why this is enough. Such a call fails, and the leader
 * repeats it. Nothing waits here.
 */
final class SyncedAppends {
    private final RaftServer server;

    /**
     * Calls under way, by what they are for. A node that is removed and joins again begins anew: of those before, some never
     * end.
     */
    private final Map<RaftServer.Division, AtomicInteger> underWay = Collections.synchronizedMap(new WeakHashMap<>());

    private SyncedAppends(RaftServer server) {
        this.server = server;
    }

    /** The same server, but for these answers. */
    static RaftServer of(RaftServer server) {
        SyncedAppends appends = new SyncedAppends(server);
        return (RaftServer) Proxy.newProxyInstance(
                SyncedAppends.class.getClassLoader(), new Class<?>[] {RaftServer.class}, (proxy, method, arguments) -> {
                    return switch (method.getName()) {
                        case "appendEntriesAsync" -> appends.append((AppendEntriesRequestProto) arguments[0]);
                        case "installSnapshot" -> appends.install((InstallSnapshotRequestProto) arguments[0]);
                        default -> {
                            try {
                                yield method.invoke(server, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        }
                    };
                });
    }

    private CompletableFuture<AppendEntriesReplyProto> append(AppendEntriesRequestProto request) throws IOException {
        if (request.getEntriesCount() == 0) {
            // The leader takes nothing from the answer to a heartbeat but that this node is there.
            return server.appendEntriesAsync(request);
        }
        RaftServer.Division division = division(request.getServerRequest());
        AtomicInteger calls = underWay(division);
        calls.incrementAndGet();
        CompletableFuture<AppendEntriesReplyProto> reply;
        try {
            reply = server.appendEntriesAsync(request);
        } catch (IOException | RuntimeException | Error e) {
            calls.decrementAndGet();
            throw e;
        }
        return reply.thenApply(answer -> checked(answer, division, calls, request))
                .whenComplete((answer, failure) -> calls.decrementAndGet());
    }

    private AppendEntriesReplyProto checked(
            AppendEntriesReplyProto reply,
            RaftServer.Division division,
            AtomicInteger calls,
            AppendEntriesRequestProto request) {
        int count = request.getEntriesCount();
        try {
            if (reply.getResult() == AppendResult.SUCCESS
                    && !(calls == underWay(division) && calls.get() == 1 && isSynced(division, request, count))) {
                throw new IOException(
                        "the entries up to " + request.getEntries(count - 1).getIndex() + " are not on the disk of "
                                + server.getId() + " yet: send them again");
            }
            if (reply.getResult() == AppendResult.SUCCESS) {
                checkTerm(division, request.getLeaderTerm());
            }
            return reply;
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    /**
     * Ratis looks at the term before it appends, and lets its lock go between. Votes are given under the lock: one that was given
     * is seen here, and one that comes sees the entries. A learner that they make a voter is one before the leader counts it.
     */
    private void checkTerm(RaftServer.Division division, long leaderTerm) throws IOException {
        long term;
        synchronized (division) {
            term = division.getInfo().getCurrentTerm();
            ConfiguredRoles.settle(division);
        }
        if (term != leaderTerm) {
            throw new IOException(server.getId() + " is in term " + term + " by now, and was sent entries of term "
                    + leaderTerm + ": whoever leads now sends them again");
        }
    }

    private RaftServer.Division division(RaftRpcRequestProto call) throws IOException {
        return server.getDivision(ProtoUtils.toRaftGroupId(call.getRaftGroupId()));
    }

    private AtomicInteger underWay(RaftServer.Division division) {
        return underWay.computeIfAbsent(division, each -> new AtomicInteger());
    }

    private boolean isSynced(RaftServer.Division division, AppendEntriesRequestProto request, int count)
            throws IOException {
        return division == division(request.getServerRequest())
                && division.getRaftLog().getFlushIndex()
                        >= request.getEntries(count - 1).getIndex()
                && !((LogWitness) division.getStateMachine()).hasLogFailed();
    }

    /** Ratis drops what waits for the disk then, and the calls that have brought it never end. */
    private InstallSnapshotReplyProto install(InstallSnapshotRequestProto request) throws IOException {
        InstallSnapshotReplyProto reply =
                server.installSnapshot(isConfigurationOld(request) ? withoutConfiguration(request) : request);
        if (reply.getResult() == InstallSnapshotResult.SUCCESS
                && request.getSnapshotChunk().getDone()) {
            underWay.put(division(request.getServerRequest()), new AtomicInteger());
            ConfiguredRoles.settle(division(request.getServerRequest()));
        }
        return reply;
    }

    /**
     * Ratis takes the configuration that comes with a snapshot whatever its age, also from a leader of an earlier term. One that
     * the log has after the snapshot's end stays: it goes when the entry goes.
     */
    private boolean isConfigurationOld(InstallSnapshotRequestProto request) throws IOException {
        RaftServer.Division division = division(request.getServerRequest());
        long own = division.getRaftConf().getLogEntryIndex();
        return request.getLeaderTerm() < division.getInfo().getCurrentTerm()
                || request.getLastRaftConfigurationLogEntryProto().getIndex() < own
                        && own > request.getSnapshotChunk().getTermIndex().getIndex();
    }

    private static InstallSnapshotRequestProto withoutConfiguration(InstallSnapshotRequestProto request) {
        return request.toBuilder().clearLastRaftConfigurationLogEntryProto().build();
    }
}
