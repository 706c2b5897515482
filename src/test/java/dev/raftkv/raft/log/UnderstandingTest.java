package dev.raftkv.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Address;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.Compare;
import dev.raftkv.model.ConsulSession;
import dev.raftkv.model.Counter;
import dev.raftkv.model.HistoryLimits;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.RequestId;
import dev.raftkv.model.SavedKey;
import dev.raftkv.model.Session.Behavior;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Value;
import dev.raftkv.model.Write;
import dev.raftkv.raft.ratis.PeerName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class UnderstandingTest {
    private static final PeerName SELF = new PeerName("node1", new Address("127.0.0.1", 1111));
    private static final PeerName OTHER = new PeerName("node2", new Address("127.0.0.1", 1112));
    private static final PeerName MOVED = new PeerName("node2", new Address("127.0.0.1", 1113));
    private static final Command READ = new Command.Txn(List.of(), List.of(new TxnOp.Get(Key.of("k"))), List.of());
    private static final Write NAMED_READ =
            new Write(READ, Precondition.NONE, Optional.of(new RequestId("name", "print")));
    private static final Write PUT = Write.of(new Command.Put(Key.of("k"), new JsonText(new byte[] {'1'})));

    private static final Write AS_FIRST = new Write(READ, Precondition.NONE, NAMED_READ.requestId(), true);

    private static final Command BEGIN = new Command.Restore.Begin("r", 1, false, Prefix.ALL);

    private List<PeerName> members = List.of(SELF);
    private int applied;
    private final Understanding understanding = new Understanding(SELF, () -> members, () -> applied);

    @Test
    void aNodeThatIsAloneUnderstandsItself() {
        assertEquals(NAMED_READ, understanding.put(NAMED_READ));
    }

    @Test
    void aCommandIsPutAsTheFirstVersionDidWhileAMemberIsNotKnownToUnderstandMore() {
        members = List.of(SELF, OTHER);
        assertEquals(AS_FIRST, understanding.put(NAMED_READ));
        understanding.told(OTHER, 1);
        assertEquals(NAMED_READ, understanding.put(NAMED_READ));
        members = List.of(SELF, MOVED);
        assertEquals(AS_FIRST, understanding.put(NAMED_READ));
        members = List.of(SELF, OTHER);
        understanding.told(OTHER, 0);
        assertEquals(AS_FIRST, understanding.put(NAMED_READ));
    }

    @Test
    void aRestoreIsRefusedWhileAMemberIsNotKnownToUnderstandIt() {
        assertTrue(understanding.refusal(BEGIN).isEmpty());
        members = List.of(SELF, OTHER);
        understanding.told(OTHER, 1);
        KvException refusal = understanding.refusal(BEGIN).orElseThrow();
        assertEquals(Code.UNAVAILABLE, refusal.code());
        assertTrue(refusal.getMessage().contains(": node2;"), refusal::getMessage);
        for (Command later : List.of(
                new Command.Restore.Chunk("r", 0, List.of()),
                new Command.Restore.Switch("r", 0, 0, false),
                new Command.Restore.Abort("r"))) {
            assertTrue(understanding.refusal(later).isEmpty(), later::toString);
        }
        assertTrue(understanding.refusal(PUT.command()).isEmpty());
        understanding.told(OTHER, 2);
        assertTrue(understanding.refusal(BEGIN).isEmpty());
        understanding.told(OTHER, 1);
        assertTrue(understanding.refusal(BEGIN).isPresent());
    }

    @Test
    void aSessionIsRefusedWhileAMemberIsNotKnownToUnderstandIt() {
        UUID id = new UUID(1, 2);
        Command create = new OfSession.Create(id, "", 15_000, Behavior.DELETE, 0);
        Command put = new OfSession.Put(Key.of("k"), new JsonText(new byte[] {'1'}), id);
        members = List.of(SELF, OTHER);
        understanding.told(OTHER, 5);
        Command end = new OfSession.End(List.of(id), 0);
        for (Command refused : List.of(create, put, end)) {
            KvException refusal = understanding.refusal(refused).orElseThrow();
            assertEquals(Code.UNAVAILABLE, refusal.code());
            assertTrue(refusal.getMessage().contains(" sessions: node2;"), refusal::getMessage);
        }
        understanding.told(OTHER, 6);
        assertTrue(understanding.refusal(create).isEmpty());
        assertTrue(understanding.refusal(put).isEmpty());
    }

    @Test
    void whatConsulsInterfaceWritesWaitsForEachMember() {
        members = List.of(SELF, OTHER);
        understanding.told(OTHER, Command.OfConsul.LEVEL - 1);
        ConsulSession more = new ConsulSession("n", "", 0, "");
        SavedKey plain = new SavedKey(Key.of("k"), Value.NOTHING, 1, 1, 1, 0, 0, 0);
        SavedKey known = new SavedKey(Key.of("k"), new JsonText(new byte[] {'1'}), 1, 1, 1, 0);
        List<Command> commands = List.of(
                new Command.OfConsul.Open(),
                new OfSession.Create(new UUID(1, 2), "", 0, Behavior.DELETE, more),
                new Command.Restore.Chunk("r", 1, List.of(known, plain)));
        for (Command refused : commands) {
            String message = understanding.refusal(refused).orElseThrow().getMessage();
            assertTrue(message.contains(" what Consul's interface writes: node2;"), message);
        }
        assertTrue(understanding
                .refusal(new Command.Restore.Chunk("r", 1, List.of(known)))
                .isEmpty());
        understanding.told(OTHER, Command.OfConsul.LEVEL);
        commands.forEach(taken -> assertTrue(understanding.refusal(taken).isEmpty()));
    }

    @Test
    void settingsWaitForEachMember() {
        Command settings = new Command.Settings(HistoryLimits.USUAL);
        members = List.of(SELF, OTHER);
        understanding.told(OTHER, Command.Settings.LEVEL - 1);
        KvException refusal = understanding.refusal(settings).orElseThrow();
        assertEquals(Code.UNAVAILABLE, refusal.code());
        assertTrue(refusal.getMessage().contains(" settings: node2;"), refusal::getMessage);
        understanding.told(OTHER, Command.Settings.LEVEL);
        assertTrue(understanding.refusal(settings).isEmpty());

        Command previous = new Command.Settings(new HistoryLimits(10_000, 16 << 20, true));
        understanding.told(OTHER, 10);
        refusal = understanding.refusal(previous).orElseThrow();
        assertTrue(refusal.getMessage().contains(" what keys were before in the history: node2;"), refusal::getMessage);
        assertTrue(understanding.refusal(settings).isEmpty());
        understanding.told(OTHER, 11);
        assertTrue(understanding.refusal(previous).isEmpty());
    }

    @Test
    void whatAMemberHasToldCountsUntilItIsAMemberNoMore() {
        members = List.of(SELF, OTHER);
        understanding.told(OTHER, 2);
        understanding.forgetOthers();
        assertTrue(understanding.refusal(BEGIN).isEmpty());
        members = List.of(SELF);
        understanding.forgetOthers();
        members = List.of(SELF, OTHER);
        assertTrue(understanding.refusal(BEGIN).isPresent());
        members = List.of();
        understanding.forgetOthers();
        members = List.of(SELF);
        assertTrue(understanding.refusal(BEGIN).isEmpty());
    }

    private static final Command ADD = new Command.Add(Key.of("k"), Counter.ZERO);
    private static final List<Command> COUNTING = List.of(
            ADD,
            new Command.Append(Prefix.of("q/"), new JsonText(new byte[] {'1'}), 0),
            new Command.Txn(List.of(), List.of(), List.of(new TxnOp.Add(Key.of("k"), Counter.ZERO))));

    @Test
    void countersAndSequencesWaitForEachMember() {
        members = List.of(SELF, OTHER);
        understanding.told(OTHER, 3);
        for (Command command : COUNTING) {
            KvException refusal = understanding.refusal(command).orElseThrow();
            assertEquals(Code.UNAVAILABLE, refusal.code());
            assertTrue(refusal.getMessage().contains("counters and sequences: node2;"), refusal::getMessage);
        }
        assertTrue(understanding.refusal(READ).isEmpty());
        understanding.told(OTHER, 4);
        COUNTING.forEach(command -> assertTrue(understanding.refusal(command).isEmpty()));
    }

    @Test
    void prefixesInTransactionsWaitForEachMember() {
        TxnOp get = new TxnOp.Get(Key.of("k"));
        List<Command> commands = List.of(
                new Command.Txn(
                        List.of(new Compare.Count(Prefix.of("p"), Compare.Operator.EQUAL, 0)), List.of(get), List.of()),
                new Command.Txn(
                        List.of(new Compare.Revision(Key.of("k"), Compare.Operator.AT_MOST, 1)),
                        List.of(get),
                        List.of()),
                new Command.Txn(
                        List.of(new Compare.Version(Key.of("k"), Compare.Operator.AT_LEAST, 1)),
                        List.of(get),
                        List.of()),
                new Command.Txn(List.of(), List.of(new TxnOp.GetRange(Prefix.ALL, 1)), List.of()),
                new Command.Txn(List.of(), List.of(), List.of(new TxnOp.DeleteRange(Prefix.of("p")))));
        members = List.of(SELF, OTHER);
        understanding.told(OTHER, 6);
        for (Command command : commands) {
            KvException refusal = understanding.refusal(command).orElseThrow();
            assertEquals(Code.UNAVAILABLE, refusal.code());
            assertTrue(refusal.getMessage().contains("prefixes in transactions: node2;"), refusal::getMessage);
        }
        understanding.told(OTHER, 7);
        commands.forEach(command -> assertTrue(understanding.refusal(command).isEmpty()));
    }

    @Test
    void sessionsInTransactionsWaitForEachMember() {
        UUID id = new UUID(1, 2);
        JsonText one = new JsonText(new byte[] {'1'});
        Key k = Key.of("k");
        List<Command> commands = List.of(
                new Command.Txn(List.of(new Compare.Token(k, Compare.Operator.EQUAL, 1)), List.of(), List.of()),
                new Command.Txn(List.of(new Compare.Holder(k, Optional.empty(), true)), List.of(), List.of()),
                new Command.Txn(List.of(), List.of(new TxnOp.Take(k, one, id)), List.of()),
                new Command.Txn(List.of(), List.of(), List.of(new TxnOp.DeleteHeld(k, id))),
                new Command.Txn(
                        List.of(),
                        List.of(new TxnOp.Release(k, one, id), new TxnOp.DeleteRange(Prefix.of("p"))),
                        List.of()));
        members = List.of(SELF, OTHER);
        understanding.told(OTHER, 9);
        for (Command command : commands) {
            KvException refusal = understanding.refusal(command).orElseThrow();
            assertTrue(refusal.getMessage().contains("sessions in transactions: node2;"), refusal::getMessage);
        }
        understanding.told(OTHER, 10);
        commands.forEach(command -> assertTrue(understanding.refusal(command).isEmpty()));
    }

    /** It is committed: each member has read it, or will have to. */
    @Test
    void nobodyHasToTellOfWhatTheLogHasAlready() {
        members = List.of(SELF, OTHER);
        assertTrue(understanding.refusal(ADD).isPresent());
        applied = 4;
        assertTrue(understanding.refusal(ADD).isEmpty());
        assertTrue(understanding.refusal(BEGIN).isEmpty());
        assertFalse(understanding.answersReads(OTHER));
    }

    @Test
    void whatWasToldBeforeThisStartCountsForTheLogAlone() {
        List<Map<PeerName, Integer>> kept = new ArrayList<>();
        understanding.resume(Map.of(OTHER, 4), kept::add);
        members = List.of();
        understanding.forgetOthers();
        members = List.of(SELF, OTHER);
        assertTrue(understanding.refusal(ADD).isEmpty());
        assertFalse(understanding.answersReads(OTHER));
        understanding.told(OTHER, 4);
        assertTrue(understanding.answersReads(OTHER));
        assertEquals(List.of(), kept);
        understanding.told(OTHER, 3);
        assertTrue(understanding.refusal(ADD).isPresent());
        members = List.of(SELF);
        understanding.forgetOthers();
        understanding.forgetOthers();
        assertEquals(List.of(Map.of(OTHER, 3), Map.of()), kept);
    }

    @Test
    void aRefusalIsAReasonToAskOnce() {
        assertFalse(understanding.wasMissed());
        understanding.refusal(BEGIN);
        assertFalse(understanding.wasMissed());
        members = List.of(SELF, OTHER);
        understanding.refusal(BEGIN);
        assertTrue(understanding.wasMissed());
        assertFalse(understanding.wasMissed());
    }

    @Test
    void whatTheFirstVersionKnowsIsPutAsItIs() {
        members = List.of(SELF, OTHER);
        assertEquals(PUT, understanding.put(PUT));
    }

    @Test
    void readsAskWhoeverHasSaidThatItAnswersThemUntilItBreaksOff() {
        members = List.of(SELF, OTHER);
        assertFalse(understanding.answersReads(OTHER));
        assertTrue(understanding.wasMissed());
        understanding.told(OTHER, 2);
        assertFalse(understanding.answersReads(OTHER));
        assertFalse(understanding.wasMissed());
        understanding.told(OTHER, 3);
        assertTrue(understanding.answersReads(OTHER));
        understanding.doubt(OTHER);
        assertFalse(understanding.answersReads(OTHER));
        assertTrue(understanding.wasMissed());
        assertEquals(
                Optional.empty(), understanding.refusal(BEGIN), "it has died, most likely, and understands a restore");
        understanding.told(OTHER, 3);
        assertTrue(understanding.answersReads(OTHER));
    }
}
