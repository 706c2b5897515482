package dev.raftkv.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Address;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Write;
import dev.raftkv.raft.group.KvStateMachine;
import dev.raftkv.raft.ratis.PeerName;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node whose cluster is about to be put aside acknowledges no write that would go with it. */
@Timeout(60)
class HeldWritesIT {
    @TempDir
    Path directory;

    /** The operations of a transaction, which are looked at while it is put into its form for the log. */
    private static final class Operations extends AbstractList<TxnOp> {
        private final TxnOp operation;
        private final Runnable whenLookedAt;
        private boolean lookedAt;

        Operations(TxnOp operation, Runnable whenLookedAt) {
            this.operation = operation;
            this.whenLookedAt = whenLookedAt;
        }

        @Override
        public TxnOp get(int index) {
            if (!lookedAt) {
                lookedAt = true;
                whenLookedAt.run();
            }
            return operation;
        }

        @Override
        public int size() {
            return 1;
        }
    }

    @Test
    void aWriteThatWasNotPendingYetWhenNoneWasIsRefused() throws Exception {
        try (RaftCluster cluster = new RaftCluster(directory, "node1")) {
            RaftNode node = cluster.awaitLeader("node1");
            TxnOp put = new TxnOp.Put(Key.of("late"), new JsonText(new byte[] {'1'}), 0);
            Operations operations = new Operations(put, () -> assertEquals(0, prepareToJoin(node)));

            CompletableFuture<Outcome> late =
                    node.replicator().write(Write.of(new Command.Txn(List.of(), operations, List.of())));

            assertTrue(operations.lookedAt);
            ExecutionException failure = assertThrows(ExecutionException.class, () -> late.get(30, TimeUnit.SECONDS));
            KvException refusal = (KvException) failure.getCause();
            assertEquals(Code.UNAVAILABLE, refusal.code());
            assertTrue(refusal.getMessage().contains("being joined"), refusal::getMessage);
            assertFalse(RaftCluster.has(node, "late"));
        }
    }

    /** As a leader asks a node that is to leave its own cluster; the answer comes when no write is under way. */
    private static long prepareToJoin(RaftNode node) {
        KvStateMachine machine =
                (KvStateMachine) RaftPart.server(node).division().orElseThrow().getStateMachine();
        return machine.prepareJoin(new PeerName("node9", new Address("127.0.0.1", 9)))
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }
}
