package dev.raftkv.lab.check;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.lab.history.Answer;
import dev.raftkv.lab.history.Level;
import dev.raftkv.lab.history.NodeStore;
import dev.raftkv.lab.history.Operation;
import dev.raftkv.lab.history.Outcome;
import dev.raftkv.lab.history.Request;
import dev.raftkv.lab.history.Sight;
import dev.raftkv.lab.history.Txn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each way to break a history that was right is found, by the checker that is to find it. */
@Timeout(60)
class BrokenHistoriesTest {
    private final List<Operation> operations = new ArrayList<>();
    private final List<Sight> sights = new ArrayList<>();
    private final List<NodeStore> stores = new ArrayList<>();
    private Simulation.Result right;

    @BeforeEach
    void aRightHistory() {
        right = Simulation.run(42, 80);
        operations.addAll(right.operations());
        sights.addAll(right.sights());
        stores.addAll(right.stores());
    }

    // --- orders of operations ---

    @Test
    void aStaleRead() {
        Operation read = lateRead(Level.LINEARIZABLE);
        ChangeLog log = ChangeLog.of(right.history());
        Change old = log.lastOf(read.request().key(), read.answer().tag() - 1)
                .filter(Change::isPut)
                .orElseThrow();
        replace(
                read,
                answering(
                        read,
                        Answer.of(
                                200,
                                old.value(),
                                old.revision(),
                                read.answer().storeRevision(),
                                read.answer().node(),
                                Level.LINEARIZABLE)));
        found(Linearizability.WRITES_AND_READS);
        found(AnswerMoments.NAME);
    }

    @Test
    void aStaleReadOfTheLeader() {
        Operation read = lateRead(Level.LEADER);
        ChangeLog log = ChangeLog.of(right.history());
        Change old = log.lastOf(read.request().key(), read.answer().tag() - 1)
                .filter(Change::isPut)
                .orElseThrow();
        replace(
                read,
                answering(
                        read,
                        Answer.of(
                                200,
                                old.value(),
                                old.revision(),
                                old.revision(),
                                read.answer().node(),
                                Level.LEADER)));
        found(Linearizability.LEADER_READS);
        passes(Linearizability.WRITES_AND_READS);
    }

    @Test
    void aPhantomAfterADelete() {
        Operation read = any(o -> isRead(o, Level.LINEARIZABLE) && o.answer().value() == null && removedLongBefore(o));
        ChangeLog log = ChangeLog.of(right.history());
        Change gone =
                log.lastOf(read.request().key(), read.answer().storeRevision()).orElseThrow();
        Change before = log.stateOf(read.request().key(), gone.revision() - 1).orElseThrow();
        replace(
                read,
                answering(
                        read,
                        Answer.of(
                                200,
                                before.value(),
                                before.revision(),
                                read.answer().storeRevision(),
                                "node1",
                                Level.LINEARIZABLE)));
        found(Linearizability.WRITES_AND_READS);
        found(AnswerMoments.NAME);
    }

    @Test
    void twoWinnersOfOneCompareAndSet() {
        Operation winner = any(
                o -> o.isDone() && o.request().ifRevision() > 0 && o.request().ttlSeconds() == 0);
        long late = winner.end() + 1;
        Request again = Request.put(winner.request().key(), "second")
                .onlyIf(winner.request().ifRevision());
        long revision = winner.answer().storeRevision() + 1;
        add(new Operation(
                99,
                0,
                1,
                false,
                again,
                late,
                late + 1,
                Outcome.DONE,
                Answer.of(200, null, revision, revision, "node1", null)));
        found(Linearizability.WRITES_AND_READS);
    }

    @Test
    void aCompareAndSetRefusedThoughItHeld() {
        Operation winner = any(o -> o.isDone() && o.request().ifRevision() > 0);
        replace(
                winner,
                new Operation(
                        winner.client(),
                        0,
                        1,
                        false,
                        winner.request(),
                        winner.start(),
                        winner.end(),
                        Outcome.REFUSED,
                        Answer.of(
                                412,
                                null,
                                winner.request().ifRevision(),
                                winner.answer().storeRevision(),
                                "node1",
                                null)));
        found(Linearizability.WRITES_AND_READS);
        found(Values.NAME);
    }

    @Test
    void aWriteBehindALaterOne() {
        Operation second = any(o -> isPut(o)
                && operations.stream().anyMatch(first -> isPut(first) && first.end() < o.start() - 50_000_000));
        Operation first = any(o -> isPut(o) && o.end() < second.start() - 50_000_000);
        replace(
                second,
                answering(
                        second,
                        Answer.of(
                                200,
                                null,
                                first.answer().tag() - 1,
                                first.answer().storeRevision() - 1,
                                "node1",
                                null)));
        found(RevisionOrder.NAME);
    }

    @Test
    void twoWritesOfOneRevision() {
        List<Operation> puts = operations.stream().filter(this::isPut).limit(2).toList();
        replace(puts.get(1), answering(puts.get(1), puts.get(0).answer()));
        found(RevisionOrder.NAME);
    }

    // --- what became of writes ---

    @Test
    void aLostWrite() {
        Operation put = any(o -> isPut(o));
        sights.removeIf(sight ->
                sight.revision() == put.answer().storeRevision() && sight.what().isChange());
        sights.replaceAll(sight ->
                sight.what().isChange() && sight.revision() > put.answer().storeRevision()
                        ? moved(sight, sight.revision() - 1)
                        : sight);
        found(Acknowledged.NAME);
    }

    @Test
    void aLostWriteInAStore() {
        NodeStore store = stores.get(0);
        stores.clear();
        for (int node = 1; node <= 3; node++) {
            stores.add(new NodeStore(
                    "node" + node,
                    store.revision(),
                    store.entries().subList(1, store.entries().size())));
        }
        found(Stores.NAME);
    }

    @Test
    void aRefusedWriteIsSeen() {
        Operation put = any(o -> isPut(o));
        replace(
                put,
                new Operation(
                        put.client(),
                        0,
                        1,
                        false,
                        put.request(),
                        put.start(),
                        put.end(),
                        Outcome.REFUSED,
                        Answer.of(503, null, Answer.UNTOLD, Answer.UNTOLD, "node1", null)));
        found(Values.NAME);
    }

    @Test
    void aValueFromNowhere() {
        Operation read = lateRead(Level.EVENTUAL);
        replace(
                read,
                answering(
                        read,
                        Answer.of(
                                200,
                                "nobody's",
                                read.answer().tag(),
                                read.answer().storeRevision(),
                                "node2",
                                Level.EVENTUAL)));
        found(Values.NAME);
    }

    @Test
    void aValueFromTheFuture() {
        Operation last =
                operations.stream().filter(this::isPut).reduce((a, b) -> b).orElseThrow();
        Operation read = any(o -> isRead(o, Level.EVENTUAL)
                && o.request().key().equals(last.request().key()));
        replace(
                read,
                answering(
                        read,
                        Answer.of(
                                200,
                                last.request().value(),
                                last.answer().tag(),
                                last.answer().tag(),
                                "node2",
                                Level.EVENTUAL)));
        found(Values.NAME);
    }

    @Test
    void aWriteThatIsAppliedTwice() {
        Sight put = sights.stream()
                .filter(sight -> sight.what() == Sight.What.PUT)
                .findFirst()
                .orElseThrow();
        long next = ChangeLog.of(right.history()).last() + 1;
        appendToAll(moved(put, next), Long.toString(next));
        found(Retries.NAME);
        found(Values.NAME);
    }

    @Test
    void aRepetitionWithAnotherAnswer() {
        Operation named = any(o -> isPut(o) && o.request().name() != null);
        long next = named.answer().storeRevision() + 1;
        add(new Operation(
                named.client(),
                1,
                1,
                true,
                named.request(),
                named.end() + 1,
                named.end() + 2,
                Outcome.DONE,
                Answer.of(200, null, next, next, "node1", null)));
        found(Retries.NAME);
    }

    @Test
    void aRepetitionWithTheSameAnswerPasses() {
        Operation named = any(o -> isPut(o) && o.request().name() != null);
        add(new Operation(
                named.client(),
                1,
                1,
                true,
                named.request(),
                named.end() + 1,
                named.end() + 2,
                Outcome.DONE,
                named.answer()));
        Report report = report();
        assertTrue(report.passed(), report::toString);
    }

    @Test
    void aRepetitionThatHidesWhatItHadReadPasses() {
        Operation txn = any(o -> o.isDone()
                && o.request().txn() != null
                && o.answer().results().stream().anyMatch(result -> result.value() != null));
        Operation first = new Operation(
                txn.client(),
                0,
                1,
                false,
                txn.request().named("n"),
                txn.start(),
                txn.end(),
                txn.outcome(),
                txn.answer());
        replace(txn, first);
        List<Txn.Result> hidden = txn.answer().results().stream()
                .map(result -> result.valued(null))
                .toList();
        Answer again = Answer.ofTxn(txn.answer().succeeded(), txn.answer().storeRevision(), "node1", hidden);
        add(new Operation(0, 1, 1, true, first.request(), txn.end() + 1, txn.end() + 2, Outcome.DONE, again));
        Report report = report();
        assertTrue(report.passed(), report::toString);
    }

    @Test
    void halfATransaction() {
        Operation txn = any(o -> o.isDone()
                && o.request().txn() != null
                && o.answer().succeeded()
                && o.request().txn().then().stream()
                                .filter(op -> op.value() != null)
                                .count()
                        == 2);
        String key = txn.request().txn().then().get(1).key();
        sights.removeIf(sight ->
                key.equals(sight.key()) && sight.revision() == txn.answer().storeRevision());
        found(Transactions.NAME);
    }

    @Test
    void aTransactionOverTwoRevisions() {
        Operation txn = any(o -> o.isDone()
                && o.request().txn() != null
                && o.answer().results().size() == 2
                && o.answer().results().get(0).action() == Txn.Do.PUT);
        Txn.Result put = txn.answer().results().get(0);
        List<Txn.Result> results = List.of(
                new Txn.Result(put.action(), put.key(), true, null, put.revision() + 1),
                txn.answer().results().get(1));
        replace(txn, answering(txn, Answer.ofTxn(true, txn.answer().storeRevision(), "node1", results)));
        found(Transactions.NAME);
    }

    // --- what a node shows ---

    @Test
    void aNodeThatGoesBack() {
        Operation read = lateRead(Level.EVENTUAL);
        replace(read, answering(read, Answer.of(404, null, 0, 0, read.answer().node(), Level.EVENTUAL)));
        found(NodeRevisions.NAME);
    }

    @Test
    void aClientWhoseReadsGoBack() {
        Operation first = lateRead(Level.EVENTUAL);
        Operation second = new Operation(
                first.client(),
                0,
                1,
                false,
                first.request(),
                first.end() + 1,
                first.end() + 2,
                Outcome.DONE,
                Answer.of(
                        200,
                        "v0",
                        1,
                        first.answer().storeRevision(),
                        first.answer().node(),
                        Level.EVENTUAL));
        add(second);
        found(LocalReads.NAME);
    }

    @Test
    void aReadServedAtALowerLevel() {
        Operation read = lateRead(Level.LINEARIZABLE);
        replace(
                read,
                answering(
                        read,
                        Answer.of(
                                200,
                                read.answer().value(),
                                read.answer().tag(),
                                read.answer().storeRevision(),
                                "node1",
                                Level.EVENTUAL)));
        found(LocalReads.NAME);
    }

    @Test
    void aReadBelowItsMinimum() {
        Operation read = lateRead(Level.EVENTUAL);
        replace(
                read,
                new Operation(
                        read.client(),
                        0,
                        1,
                        false,
                        read.request().atLeast(read.answer().storeRevision() + 1),
                        read.start(),
                        read.end(),
                        Outcome.DONE,
                        read.answer()));
        found(LocalReads.NAME);
    }

    @Test
    void aStoreRevisionAheadOfTheAnswer() {
        ChangeLog log = ChangeLog.of(right.history());
        Operation read = any(o -> isRead(o, Level.EVENTUAL)
                && log.nextOf(o.request().key(), o.answer().storeRevision()).isPresent());
        long ahead = log.nextOf(read.request().key(), read.answer().storeRevision())
                .orElseThrow()
                .revision();
        replace(
                read,
                answering(
                        read,
                        Answer.of(
                                read.answer().status(),
                                read.answer().value(),
                                read.answer().tag(),
                                ahead,
                                "nodeX",
                                Level.EVENTUAL)));
        found(AnswerMoments.NAME);
    }

    @Test
    void aRefusalOfAnotherMoment() {
        ChangeLog log = ChangeLog.of(right.history());
        Operation refused = any(o -> o.isContradicted()
                && log.nextOf(o.request().key(), o.answer().storeRevision()).isPresent());
        Answer answer = refused.answer();
        long ahead = log.nextOf(refused.request().key(), answer.storeRevision())
                .orElseThrow()
                .revision();
        replace(refused, answering(refused, Answer.of(412, null, answer.tag(), ahead, "nodeX", null)));
        found(AnswerMoments.NAME);
    }

    // --- watches ---

    @Test
    void aMissingEvent() {
        sights.remove(event(1, 20));
        found(Watches.NAME);
    }

    @Test
    void anEventThatNobodySaw() {
        long revision = event(0, 20).revision();
        sights.removeIf(sight -> sight.revision() == revision && sight.what().isChange());
        found(Watches.NAME);
    }

    @Test
    void anEventTwice() {
        Sight event = event(1, 20);
        sights.add(sights.indexOf(event) + 3, event);
        found(Watches.NAME);
    }

    @Test
    void eventsInAnotherOrder() {
        int first = sights.indexOf(event(1, 20));
        int second = sights.indexOf(event(1, 22));
        Collections.swap(sights, first, second);
        found(Watches.NAME);
    }

    @Test
    void anEventWithAnotherValue() {
        Sight event = sights.stream()
                .filter(sight -> sight.watcher() == 1 && sight.what() == Sight.What.PUT)
                .findFirst()
                .orElseThrow();
        sights.set(
                sights.indexOf(event),
                new Sight(
                        1,
                        0,
                        event.what(),
                        event.id(),
                        event.key(),
                        "other",
                        event.revision(),
                        event.createRevision(),
                        event.version(),
                        event.time()));
        found(Watches.NAME);
    }

    @Test
    void aWatchThatStandsStill() {
        List<Sight> all = sights.stream().filter(sight -> sight.watcher() == 2).toList();
        sights.removeAll(all.subList(all.size() - 5, all.size()));
        found(Watches.NAME);
    }

    @Test
    void changesOfOthersPass() {
        Sight put = sights.stream()
                .filter(sight -> sight.what() == Sight.What.PUT)
                .findFirst()
                .orElseThrow();
        long next = ChangeLog.of(right.history()).last();
        for (int i = 1; i <= 2; i++) {
            appendToAll(
                    new Sight(0, 0, put.what(), "", "others", "1", next + i, next + 1, i, put.time()),
                    Long.toString(next + i));
        }
        stores.clear();
        Report report = report();
        assertTrue(report.passed(), report::toString);
    }

    @Test
    void goneThoughItIsKept() {
        Sight event = event(1, 20);
        sights.add(
                sights.indexOf(event) + 1,
                new Sight(1, 0, Sight.What.GONE, event.id(), null, null, event.revision() + 1, 0, 0, event.time()));
        found(Watches.NAME);
    }

    // --- times to live, stores ---

    @Test
    void aKeyThatExpiresEarly() {
        Sight expiry = sights.stream()
                .filter(sight -> sight.what() == Sight.What.EXPIRE)
                .findFirst()
                .orElseThrow();
        sights.replaceAll(sight -> sight.what() == Sight.What.EXPIRE && sight.revision() == expiry.revision()
                ? new Sight(
                        sight.watcher(),
                        0,
                        sight.what(),
                        sight.id(),
                        sight.key(),
                        null,
                        sight.revision(),
                        0,
                        0,
                        sight.time() - 900_000_000)
                : sight);
        found(Lifetimes.NAME);
    }

    @Test
    void aReadThatDoesNotFindALivingKey() {
        ChangeLog log = ChangeLog.of(right.history());
        Operation put = any(o -> o.isDone()
                && o.request().ttlSeconds() > 0
                && log.nextOf(o.request().key(), o.answer().tag())
                        .filter(next -> next.what() == Sight.What.EXPIRE)
                        .isPresent());
        add(new Operation(
                50,
                0,
                1,
                false,
                Request.read(put.request().key(), Level.LINEARIZABLE),
                put.end() + 1,
                put.end() + 2,
                Outcome.DONE,
                Answer.of(404, null, 0, put.answer().storeRevision(), "node9", Level.LINEARIZABLE)));
        found(Lifetimes.NAME);
    }

    @Test
    void unequalStores() {
        NodeStore.Entry entry = stores.get(2).entries().get(0);
        List<NodeStore.Entry> entries = new ArrayList<>(stores.get(2).entries());
        entries.set(
                0,
                new NodeStore.Entry(
                        entry.key(),
                        entry.value(),
                        entry.createRevision(),
                        entry.changeRevision(),
                        entry.version() + 1));
        stores.set(2, new NodeStore("node3", stores.get(2).revision(), entries));
        found(Stores.NAME);
    }

    @Test
    void storesAtDifferentRevisions() {
        stores.set(
                1,
                new NodeStore(
                        "node2", stores.get(1).revision() - 1, stores.get(1).entries()));
        found(Stores.NAME);
    }

    // --- at random ---

    /** Not each wrong answer can be told from a right one: what it says may have been true a moment before. */
    @Test
    void mostReadsOfOldValuesAreFound() {
        int found = 0;
        int tried = 0;
        for (long seed = 0; seed < 30; seed++) {
            Random random = new Random(seed);
            Simulation.Result result = Simulation.run(seed, 60);
            List<Operation> reads = result.operations().stream()
                    .filter(o -> isRead(o, Level.LINEARIZABLE) && o.answer().value() != null)
                    .toList();
            Operation read = reads.get(random.nextInt(reads.size()));
            ChangeLog log = ChangeLog.of(result.history());
            Change old =
                    log.stateOf(read.request().key(), read.answer().tag() - 1).orElse(null);
            if (old == null) {
                continue;
            }
            tried++;
            operations.clear();
            operations.addAll(result.operations());
            replace(
                    read,
                    answering(
                            read,
                            Answer.of(
                                    200,
                                    old.value(),
                                    old.revision(),
                                    old.revision(),
                                    read.answer().node(),
                                    Level.LINEARIZABLE)));
            Evidence evidence = new Evidence(
                    new Simulation.Result(operations, result.watchers(), result.sights(), result.stores()).history(),
                    result.stores());
            found += Linearizability.check(evidence).passed() ? 0 : 1;
        }
        assertTrue(found * 2 > tried, found + " of " + tried);
    }

    @Test
    void aFaultIsToldShortlyWithAPicture() {
        aStaleRead();
        Verdict verdict = report().verdict(Linearizability.WRITES_AND_READS);
        String text = String.join("\n", verdict.faults());
        assertTrue(text.lines().count() < 12, text);
        String picture = verdict.picture().orElseThrow();
        assertTrue(picture.startsWith("<svg ") && picture.contains("client"), picture);
    }

    // --- tools ---

    private Report report() {
        return new Simulation.Result(operations, right.watchers(), sights, stores).check();
    }

    private void found(String check) {
        Report report = report();
        assertFalse(report.verdict(check).passed(), report::toString);
    }

    private void passes(String check) {
        Report report = report();
        assertTrue(report.verdict(check).passed(), report::toString);
    }

    private Operation any(Predicate<Operation> wanted) {
        return operations.stream().filter(wanted).findFirst().orElseThrow();
    }

    private static boolean isRead(Operation operation, Level level) {
        return operation.isDone() && operation.request().level() == level;
    }

    private boolean isPut(Operation operation) {
        return operation.isDone() && operation.request().value() != null;
    }

    /** A read of a key that was there before, too, and had been changed long before the read began. */
    private Operation lateRead(Level level) {
        ChangeLog log = ChangeLog.of(right.history());
        return any(o -> isRead(o, level)
                && o.answer().tag() > 0
                && !o.request().key().startsWith("t")
                && log.stateOf(o.request().key(), o.answer().tag() - 1).isPresent()
                && operations.stream()
                        .anyMatch(
                                w -> isPut(w) && w.answer().tag() == o.answer().tag() && w.end() < o.start()));
    }

    private boolean removedLongBefore(Operation read) {
        ChangeLog log = ChangeLog.of(right.history());
        return log.lastOf(read.request().key(), read.answer().storeRevision())
                .map(change -> operations.stream()
                        .anyMatch(w -> w.isDone()
                                && w.request().kind() == Request.Kind.DELETE
                                && w.answer().storeRevision() == change.revision()
                                && w.end() < read.start()))
                .orElse(false);
    }

    private Sight event(int watcher, int number) {
        return sights.stream()
                .filter(sight -> sight.watcher() == watcher && sight.what().isChange())
                .collect(Collectors.toList())
                .get(number);
    }

    private void add(Operation operation) {
        operations.add(operation);
    }

    private void replace(Operation old, Operation changed) {
        operations.set(operations.indexOf(old), changed);
    }

    private static Operation answering(Operation operation, Answer answer) {
        return new Operation(
                operation.client(),
                operation.asked(),
                operation.attempts(),
                operation.repeat(),
                operation.request(),
                operation.start(),
                operation.end(),
                operation.outcome(),
                answer);
    }

    private static Sight moved(Sight sight, long revision) {
        return new Sight(
                sight.watcher(),
                sight.node(),
                sight.what(),
                Long.toString(revision),
                sight.key(),
                sight.value(),
                revision,
                sight.createRevision(),
                sight.version(),
                sight.time());
    }

    private void appendToAll(Sight event, String id) {
        right.watchers().stream()
                .filter(watcher -> watcher.covers(event.key()))
                .forEach(watcher -> sights.add(new Sight(
                        watcher.number(),
                        0,
                        event.what(),
                        id,
                        event.key(),
                        event.value(),
                        event.revision(),
                        event.createRevision(),
                        event.version(),
                        Long.MAX_VALUE / 4)));
    }
}
