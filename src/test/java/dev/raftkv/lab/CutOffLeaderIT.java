package dev.raftkv.lab;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.raftkv.lab.fault.Namespaces;
import dev.raftkv.lab.fault.Network;
import dev.raftkv.lab.fault.Proxies;
import dev.raftkv.lab.fault.Traffic;
import dev.raftkv.testkit.Alone;
import dev.raftkv.testkit.Http;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A leader whose links are cut, and are there again: the connections of before must not stand in the way. */
@Alone
final class CutOffLeaderIT {
    private static final int SIZE = 3;
    private static final int ROUNDS = 2;

    /** What TCP has sent at the beginning of the cut it repeats 6.2 and then 12.6 seconds later. */
    private static final Duration SOON = Duration.ofSeconds(5);

    private static final Duration CUT = Duration.ofSeconds(7);

    private final Http http = Http.plain(Duration.ofSeconds(10));

    @TempDir
    private Path directory;

    @Test
    @Timeout(180)
    void itFollowsSoonAfterTheCutIsOverAndIsNotTakenForAWrongAddress() throws Exception {
        try (Network network = Namespaces.obstacle().isEmpty() ? Namespaces.create(SIZE) : Proxies.start(SIZE);
                LabCluster cluster = LabCluster.of(network, SIZE, directory, Map.of())) {
            cluster.form();
            for (int round = 0; round < ROUNDS; round++) {
                cutAndHeal(cluster, "round " + round);
            }
            cluster.awaitReady();
        }
    }

    private void cutAndHeal(LabCluster cluster, String round) throws IOException, InterruptedException {
        LinkFaults links = new LinkFaults(cluster);
        int cutOff = cluster.awaitLeader();
        links.cutOff(cutOff, Traffic.ALL);
        Pause.millis(CUT.toMillis());
        int next = cluster.awaitLeader();
        assertNotEquals(cutOff, next);
        put(cluster, next, round);

        links.heal();
        eventually(SOON, () -> assertEquals(round, get(cluster, cutOff)));
        // It is a member already: it is only asked whether it is there.
        assertEquals(200, cluster.tryJoin(cutOff).status());
        put(cluster, cluster.awaitLeader(), round + ", healed");
        for (int node : List.of(0, 1, 2)) {
            eventually(SOON, () -> assertEquals(round + ", healed", get(cluster, node)));
        }
    }

    private void put(LabCluster cluster, int node, String value) {
        eventually(
                Duration.ofSeconds(20),
                () -> assertEquals(
                        200,
                        http.post(cluster.node(node).url("/store"), "{\"key\": \"key\", \"value\": \"" + value + "\"}")
                                .status()));
    }

    private String get(LabCluster cluster, int node) throws IOException {
        return http.get(cluster.node(node).url("/store/key"))
                .json()
                .path("data")
                .path("value")
                .asText();
    }
}
