package dev.raftkv.lab.check;

import dev.raftkv.lab.history.History;
import dev.raftkv.lab.history.NodeStore;
import java.util.List;

/** All checkers. */
public final class Checks {
    private Checks() {}

    /**
     * Runs all checkers.
     *
     * @param stores what each node's store held when all was quiet; empty if nobody looked
     */
    public static Report run(History history, List<NodeStore> stores) {
        Evidence evidence = new Evidence(history, stores);
        return new Report(List.of(
                Linearizability.check(evidence),
                Linearizability.checkWithLeaderReads(evidence),
                RevisionOrder.check(evidence),
                Acknowledged.check(evidence),
                Values.check(evidence),
                NodeRevisions.check(evidence),
                AnswerMoments.check(evidence),
                LocalReads.check(evidence),
                Watches.check(evidence),
                Retries.check(evidence),
                Transactions.check(evidence),
                Lifetimes.check(evidence),
                Counters.check(evidence),
                Sessions.check(evidence),
                Locks.check(evidence),
                Stores.check(evidence)));
    }

    /** Runs those for who has done nothing but with sessions and locks. */
    public static Report ofSessions(History history, List<NodeStore> stores) {
        Evidence evidence = new Evidence(history, stores);
        return new Report(List.of(Sessions.check(evidence), Locks.check(evidence), Stores.check(evidence)));
    }
}
