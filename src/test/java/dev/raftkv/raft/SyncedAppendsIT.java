package dev.raftkv.raft;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.raft.look.UnwatchedVotes;
import dev.raftkv.raft.ratis.FailingServer;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.wire.Kind;
import dev.raftkv.raft.wire.MemberConnection;
import dev.raftkv.raft.wire.Wire;
import dev.raftkv.testkit.TestConfigs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto.SnapshotChunkProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotResult;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.MetadataProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.TimeoutIOException;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.util.CodeInjectionForTesting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A follower whose disk stands still, and a leader that repeats itself: played here, over the connections of members. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SyncedAppendsIT {
    /** Where Ratis' log writer of a node begins, before its first task. */
    private static final String LOG_WRITER = "SegmentedRaftLogWorker.runWorker";

    /** Where Ratis takes entries. */
    private static final String APPEND = "RaftServerImpl.appendEntries";

    private static final int FOLLOWER = 1;
    private static final long CALL_MILLIS = 30_000;

    @TempDir
    Path directory;

    private final CompletableFuture<Void> disk = new CompletableFuture<>();
    private RaftNodes nodes;
    private Wire wire;
    private RaftPeerId leader;
    private MemberConnection first;
    private MemberConnection second;

    @BeforeEach
    void start() throws Exception {
        nodes = RaftNodes.form(directory, 2, Duration.ofMillis(500));
        leader = RaftPart.server(nodes.node(0)).name().id();
        nodes.stop(0);
        // It may have been handed the leadership, which it cannot keep alone.
        eventually(RaftNodes.PATIENCE, () -> assertFalse(nodes.leads(FOLLOWER)));
        PeerName name = PeerName.of(leader);
        OwnServer own = new OwnServer(name);
        wire = new Wire(
                TestConfigs.node(
                        directory.resolve("leader"),
                        name.nodeId(),
                        name.address().port()),
                own,
                UnwatchedVotes.of(own),
                Optional.empty(),
                false,
                new Wire.Threads(
                        SyncedAppendsIT::thread,
                        SyncedAppendsIT::thread,
                        SyncedAppendsIT::thread,
                        SyncedAppendsIT::thread,
                        1));
        wire.open();
        first = connection();
        second = connection();
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        return thread;
    }

    @AfterEach
    void stop() {
        disk.complete(null);
        CodeInjectionForTesting.remove(LOG_WRITER);
        CodeInjectionForTesting.remove(APPEND);
        first.close();
        second.close();
        nodes.close();
        wire.close();
    }

    @Test
    void entriesThatAreInMemoryOnlyAreNotAnsweredFor() throws Exception {
        restartWithoutDisk();
        TermIndex last = log().getLastEntryTermIndex();
        AppendEntriesRequestProto request = append(term() + 1, last, List.of(last.getIndex() + 1, last.getIndex() + 2));
        answersWhenSynced(request);
    }

    /** The log's flush index is that of what is cut off, until the cut is made. */
    @Test
    void entriesThatReplaceOthersAreNotAnsweredForBeforeTheOthersAreCutOff() throws Exception {
        TermIndex last = log().getLastEntryTermIndex();
        AppendEntriesRequestProto uncommitted = append(term() + 1, last, List.of(last.getIndex() + 1));
        try (MemberConnection before = connection()) {
            assertEquals(AppendResult.SUCCESS, call(before, uncommitted).getResult());
        }
        restartWithoutDisk();
        assertEquals(last.getIndex() + 1, log().getFlushIndex());
        answersWhenSynced(append(term() + 1, last, List.of(last.getIndex() + 1)));
    }

    /** Ratis looks at the term before it appends: a vote may come between. */
    @Test
    void entriesAreNotAnsweredForInATermThatIsOver() throws Exception {
        restartWithoutDisk();
        long term = term() + 1;
        TermIndex last = log().getLastEntryTermIndex();
        CompletableFuture<AppendEntriesReplyProto> waits = callLater(append(term, last, List.of(last.getIndex() + 1)));
        eventually(
                RaftNodes.PATIENCE,
                () -> assertEquals(
                        TermIndex.valueOf(term, last.getIndex() + 1), log().getLastEntryTermIndex(), waits::toString));
        RequestVoteReplyProto vote = (RequestVoteReplyProto) second.call(
                Kind.VOTE,
                RequestVoteRequestProto.newBuilder()
                        .setServerRequest(head())
                        .setCandidateTerm(term + 1)
                        .setCandidateLastEntry(
                                TermIndex.valueOf(term, last.getIndex() + 2).toProto())
                        .build(),
                CALL_MILLIS);
        assertTrue(vote.getServerReply().getSuccess(), vote::toString);
        disk.complete(null);
        ExecutionException refused =
                assertThrows(ExecutionException.class, () -> waits.get(CALL_MILLIS, TimeUnit.MILLISECONDS));
        assertTrue(refused.getMessage().contains("entries of term " + term), refused.toString());
    }

    /** It must not count as under way for good. */
    @Test
    void anErrorWithinAnAppendIsOverWithThatAppend() throws Exception {
        RaftPeerId follower = RaftPart.server(nodes.node(FOLLOWER)).name().id();
        CodeInjectionForTesting.put(APPEND, (local, remote, arguments) -> {
            if (follower.equals(local)) {
                throw new AssertionError("thrown within an append");
            }
            return true;
        });
        TermIndex last = log().getLastEntryTermIndex();
        AppendEntriesRequestProto request = append(term() + 1, last, List.of(last.getIndex() + 1));
        IOException failed = assertThrows(IOException.class, () -> call(first, request));
        assertFalse(failed instanceof TimeoutIOException, "the leader is told at once");
        assertEquals(last, log().getLastEntryTermIndex());
        CodeInjectionForTesting.remove(APPEND);
        for (MemberConnection connection : List.of(first, second)) {
            assertEquals(AppendResult.SUCCESS, call(connection, request).getResult());
        }

        RaftServer before =
                FailingServer.of(RaftPart.server(nodes.node(FOLLOWER)).raft(), new AssertionError("thrown before it"));
        assertThrows(AssertionError.class, () -> before.appendEntriesAsync(request));
        assertEquals(
                AppendResult.SUCCESS,
                before.appendEntriesAsync(request)
                        .get(CALL_MILLIS, TimeUnit.MILLISECONDS)
                        .getResult());
    }

    @Test
    void aSnapshotOfALeaderThatWasDoesNotBringItsConfigurationBack() throws Exception {
        RaftConfiguration now = nodes.division(FOLLOWER).getRaftConf();
        InstallSnapshotReplyProto reply = (InstallSnapshotReplyProto) first.call(
                Kind.SNAPSHOT,
                InstallSnapshotRequestProto.newBuilder()
                        .setServerRequest(head())
                        .setLeaderTerm(term() - 1)
                        .setSnapshotChunk(SnapshotChunkProto.newBuilder()
                                .setRequestId("1")
                                .setTermIndex(log().getLastEntryTermIndex().toProto()))
                        .setLastRaftConfigurationLogEntryProto(LogEntryProto.newBuilder()
                                .setTerm(1)
                                .setIndex(0)
                                .setConfigurationEntry(RaftConfigurationProto.newBuilder()
                                        .addPeers(RaftPeerProto.newBuilder()
                                                .setId(leader.toByteString())
                                                .setAddress(PeerName.of(leader)
                                                        .address()
                                                        .toString()))))
                        .build(),
                CALL_MILLIS);
        assertEquals(InstallSnapshotResult.NOT_LEADER, reply.getResult());
        assertEquals(now, nodes.division(FOLLOWER).getRaftConf());
    }

    private void answersWhenSynced(AppendEntriesRequestProto request) throws Exception {
        LogEntryProto last = request.getEntries(request.getEntriesCount() - 1);
        CompletableFuture<AppendEntriesReplyProto> waits = callLater(request);
        eventually(
                RaftNodes.PATIENCE,
                () -> assertEquals(TermIndex.valueOf(last), log().getLastEntryTermIndex(), waits::toString));
        IOException refused = assertThrows(IOException.class, () -> call(second, request));
        assertTrue(refused.getMessage().contains("not on the disk"), refused.toString());
        assertFalse(waits.isDone());
        disk.complete(null);
        assertEquals(
                AppendResult.SUCCESS,
                waits.get(CALL_MILLIS, TimeUnit.MILLISECONDS).getResult());
        assertEquals(AppendResult.SUCCESS, call(second, request).getResult());
        assertEquals(last.getIndex(), log().getFlushIndex());
    }

    private CompletableFuture<AppendEntriesReplyProto> callLater(AppendEntriesRequestProto request) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return call(first, request);
            } catch (IOException e) {
                throw new CompletionException(e);
            }
        });
    }

    private void restartWithoutDisk() throws IOException {
        RaftPeerId follower = RaftPart.server(nodes.node(FOLLOWER)).name().id();
        nodes.stop(FOLLOWER);
        CodeInjectionForTesting.put(LOG_WRITER, (local, remote, arguments) -> {
            if (follower.equals(local)) {
                disk.join();
            }
            return true;
        });
        nodes.start(FOLLOWER);
    }

    private MemberConnection connection() {
        return new MemberConnection(RaftPart.server(nodes.node(FOLLOWER)).name(), wire);
    }

    private RaftLog log() {
        return nodes.division(FOLLOWER).getRaftLog();
    }

    private long term() {
        return nodes.division(FOLLOWER).getInfo().getCurrentTerm();
    }

    private RaftRpcRequestProto head() {
        return RaftRpcRequestProto.newBuilder()
                .setRequestorId(leader.toByteString())
                .setReplyId(RaftPart.server(nodes.node(FOLLOWER)).name().id().toByteString())
                .setRaftGroupId(RaftGroupIdProto.newBuilder()
                        .setId(nodes.division(FOLLOWER)
                                .getMemberId()
                                .getGroupId()
                                .toByteString()))
                .build();
    }

    private AppendEntriesRequestProto append(long term, TermIndex previous, List<Long> indices) {
        return AppendEntriesRequestProto.newBuilder()
                .setServerRequest(head())
                .setLeaderTerm(term)
                .setPreviousLog(previous.toProto())
                .addAllEntries(indices.stream()
                        .map(index -> LogEntryProto.newBuilder()
                                .setTerm(term)
                                .setIndex(index)
                                .setMetadataEntry(MetadataProto.newBuilder().setCommitIndex(0))
                                .build())
                        .toList())
                .build();
    }

    private static AppendEntriesReplyProto call(MemberConnection connection, AppendEntriesRequestProto request)
            throws IOException {
        return (AppendEntriesReplyProto) connection.call(Kind.APPEND, request, CALL_MILLIS);
    }
}
