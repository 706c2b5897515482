package dev.raftkv.lab.history;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
    @Test
    void whatIsSavedIsReadBack(@TempDir Path directory) throws Exception {
        History history = new History();
        Txn txn = new Txn(
                List.of(Txn.Compare.revision("a", 7), Txn.Compare.exists("b", false)),
                List.of(Txn.Op.put("a", "v1")),
                List.of(Txn.Op.get("a")));
        Answer answer = Answer.ofTxn(true, 8, "node1", List.of(new Txn.Result(Txn.Do.PUT, "a", true, null, 8)));
        history.add(new Watcher(0, false, "a/"));
        history.add(new Operation(1, 2, 1, false, Request.txn(txn), 10, 20, Outcome.DONE, answer));
        history.add(new Operation(
                2, 0, 3, false, Request.put("a", "v2").onlyIf(Request.ABSENT), 11, 21, Outcome.UNKNOWN, null));
        history.add(new Sight(0, 1, Sight.What.PUT, "8", "a", "v1", 8, 8, 1, 15));
        history.add(new Counting(
                1, "c", 3, true, 2, 12, 22, Outcome.DONE, Counting.unit(3).add(BigInteger.TEN), 9));
        history.add(new Locking(1, Locking.What.TAKE, "l", "id", 4, 13, 23, Outcome.DONE, 57, "id"));
        history.add(new Locking(1, Locking.What.STORE, "l", "id", 4, 14, 24, Outcome.DONE, 57, null, 1_500, 58));
        history.add(new Leading(2, 7, 14));
        history.add(new Holding(1, Holding.What.RENEW, "id", 4, null, 13, 23, Outcome.REFUSED, true));

        Path file = directory.resolve("history.jsonl");
        history.save(file);

        History loaded = History.load(file);
        assertEquals(history.operations(), loaded.operations());
        assertEquals(history.watchers(), loaded.watchers());
        assertEquals(history.sights(), loaded.sights());
        assertEquals(history.countings(), loaded.countings());
        assertEquals(history.holdings(), loaded.holdings());
        assertEquals(history.lockings(), loaded.lockings());
        assertEquals(history.leadings(), loaded.leadings());
    }
}
