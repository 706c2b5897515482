package dev.raftkv.raft;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.codec.CommandCodec;
import dev.raftkv.machine.CommandApplier;
import dev.raftkv.model.Command;
import dev.raftkv.model.Key;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Write;
import dev.raftkv.raft.disk.DataDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.LogProtoUtils;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The first version put transactions into one entry however much they read. Its leader died of such an entry, and the entry
 * is still in the log.
 */
@Timeout(120)
class LargeResultsIT {
    private static final int READS = 8;

    @TempDir
    Path directory;

    @Test
    void anEntryWhoseResultsNoHeapHasRoomForIsFollowedAndAppliedAgain() throws Exception {
        try (RaftNodes nodes = RaftNodes.form(directory, 2, Duration.ofMillis(500))) {
            int leader = nodes.awaitLeader();
            nodes.put(leader, "big", "x".repeat(CommandApplier.MAX_RESULT_BYTES / READS - 2))
                    .get(30, TimeUnit.SECONDS);

            long index = append(nodes.division(leader), entryLargerThanTheHeap());
            for (int each = 0; each < 2; each++) {
                awaitApplied(nodes, each, index);
            }

            int follower = 1 - leader;
            nodes.stop(follower);
            loseStore(directory.resolve("node" + follower));
            nodes.start(follower);
            awaitApplied(nodes, follower, index);
            nodes.put(nodes.awaitLeader(), "after", "1").get(30, TimeUnit.SECONDS);
            eventually(RaftNodes.PATIENCE, () -> assertTrue(RaftCluster.has(nodes.node(follower), "after")));
            assertTrue(RaftCluster.has(nodes.node(follower), "big"));
        }
    }

    private static byte[] entryLargerThanTheHeap() {
        int transactions = Math.toIntExact(Runtime.getRuntime().maxMemory() / CommandApplier.MAX_RESULT_BYTES + 1);
        TxnOp get = new TxnOp.Get(Key.of("big"));
        byte[] reads =
                CommandCodec.encode(Write.of(new Command.Txn(List.of(), Collections.nCopies(READS, get), List.of())));
        return CommandCodec.entry(1, Collections.nCopies(transactions, reads));
    }

    /** Past all that bounds what a leader proposes today. */
    private static long append(RaftServer.Division leader, byte[] entry) {
        StateMachineLogEntryProto content = LogProtoUtils.toStateMachineLogEntryProto(
                ClientId.randomId(), 1, StateMachineLogEntryProto.Type.WRITE, ByteString.copyFrom(entry), null);
        synchronized (leader) {
            long index = leader.getRaftLog().getNextIndex();
            LogEntryProto next =
                    LogProtoUtils.toLogEntryProto(content, leader.getInfo().getCurrentTerm(), index);
            leader.getRaftLog().appendEntry(next);
            return index;
        }
    }

    private static void awaitApplied(RaftNodes nodes, int number, long index) {
        eventually(RaftNodes.PATIENCE, () -> {
            assertEquals(Optional.empty(), nodes.node(number).status().read().failure());
            assertTrue(nodes.node(number).status().read().appliedIndex() >= index);
        });
    }

    /** So that the node makes it again from the log. */
    private static void loseStore(Path node) throws Exception {
        try (Stream<Path> groups = Files.list(node.resolve("raft"))) {
            for (Path group : groups.toList()) {
                DataDirectory.deleteTree(group.resolve("kv"));
            }
        }
    }
}
