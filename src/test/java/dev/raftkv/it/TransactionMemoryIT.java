package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.ServerCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Small requests with large answers, on the heap of {@code deploy/jvm.options}. */
@Timeout(300)
final class TransactionMemoryIT {
    private static final int CLIENTS = 25;
    private static final int ROUNDS = 4;

    /** With these results one entry of all clients' transactions would be 200 MB. */
    private static final String READS =
            "{\"then\":[" + String.join(",", Collections.nCopies(8, "{\"get\":\"big\"}")) + "]}";

    private final Http http = Http.plain(Duration.ofSeconds(60));

    @Test
    void transactionsThatReadMegabytesTakeTurnsAndNoNodeFails() throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try (ServerCluster cluster = ServerCluster.start(Container.JETTY_12_1, "transaction-memory")) {
            cluster.joinAll();
            int leader = cluster.awaitLeader();
            Reply stored = http.post(
                    cluster.url(leader, "/store"), "{\"key\":\"big\",\"value\":\"" + "x".repeat(1_000_000) + "\"}");
            assertEquals(200, stored.status());

            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < CLIENTS * ROUNDS; i++) {
                answers.add(clients.submit(
                        () -> http.post(cluster.url(leader, "/txn"), READS).status()));
            }
            int done = 0;
            for (Future<Integer> answer : answers) {
                int status = answer.get(120, TimeUnit.SECONDS);
                // On a busy machine some are late, or another node leads meanwhile.
                assertTrue(Set.of(200, 307, 503, 504).contains(status), "status " + status);
                done += status == 200 ? 1 : 0;
            }
            assertTrue(done > 0, "no transaction was done");
            assertAllServe(cluster);

            cluster.restartAll();
            cluster.awaitLeader();
            assertAllServe(cluster);
        } finally {
            clients.shutdownNow();
        }
    }

    private void assertAllServe(ServerCluster cluster) {
        for (int each = 0; each < ServerCluster.SIZE; each++) {
            int node = each;
            eventually(Duration.ofSeconds(30), () -> {
                Reply live = http.get(cluster.url(node, "/health/live"));
                assertEquals(200, live.status(), live::toString);
                Reply read = http.get(cluster.url(node, "/store/big?consistency=linearizable"));
                assertEquals(200, read.status(), read::toString);
            });
        }
    }
}
