package dev.raftkv.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.kv.ClusterClock;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.group.KvStateMachine;
import dev.raftkv.raft.ratis.RaftErrors;
import dev.raftkv.store.StoreSettings;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;
import org.apache.ratis.protocol.exceptions.StateMachineException;
import org.apache.ratis.statemachine.TransactionContext;
import org.junit.jupiter.api.Test;

/** What is known of an entry whose transaction Ratis cancels. */
class ProposalTest {
    private final KvStateMachine machine =
            new KvStateMachine(null, null, null, null, new StoreSettings(1 << 20), 1 << 20);
    private final AtomicBoolean sameTerm = new AtomicBoolean(true);
    private final Proposal proposal = new Proposal(sameTerm::get, new ClusterClock.Stamp(1, 0), List.of());

    private TransactionContext start() {
        return machine.startTransaction(RaftClientRequest.newBuilder()
                .setClientId(ClientId.randomId())
                .setServerId(RaftPeerId.valueOf("node1"))
                .setGroupId(RaftGroupId.randomId())
                .setMessage(proposal)
                .setType(RaftClientRequest.writeRequestType())
                .build());
    }

    private Code failure() {
        KvException failure = RaftErrors.write(new ResourceUnavailableException("no room"), proposal.mayCommit());
        return failure.code();
    }

    @Test
    void cancelledBeforeItIsAppendedNothingWasChanged() throws IOException {
        TransactionContext context = start();
        context.cancelTransaction();

        assertFalse(proposal.mayCommit());
        assertEquals(Code.UNAVAILABLE, failure());
    }

    /** Its time was taken before the entries of other leaders were applied. */
    @Test
    void inAnotherTermItIsNotAppended() {
        TransactionContext context = start();
        sameTerm.set(false);
        StateMachineException refusal = assertThrows(StateMachineException.class, context::preAppendTransaction);

        assertFalse(refusal.leaderShouldStepDown());
        assertFalse(proposal.mayCommit());
        assertEquals(Code.UNAVAILABLE, failure());
    }

    @Test
    void cancelledAfterItWasAppendedItsOutcomeIsUnknown() throws IOException {
        TransactionContext context = start();
        context.preAppendTransaction();
        context.cancelTransaction();

        assertTrue(proposal.mayCommit());
        assertEquals(Code.OUTCOME_UNKNOWN, failure());
    }
}
