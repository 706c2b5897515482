package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.lab.check.Checks;
import dev.raftkv.lab.check.Report;
import dev.raftkv.lab.history.History;
import dev.raftkv.lab.history.NodeStore;
import dev.raftkv.lab.work.Listings;
import dev.raftkv.lab.work.Plan;
import dev.raftkv.lab.work.Workload;
import dev.raftkv.testkit.Access;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.ServerCluster;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The laboratory's clients at three servers to which nothing happens: all that they see is right. */
final class WorkloadIT {
    private static final Duration WORK = Duration.ofSeconds(Long.getLong("workload.seconds", 15));
    private static final long SEED = Long.getLong("workload.seed", 7);

    @Test
    @Timeout(600)
    void allThatClientsSeeIsRight() throws Exception {
        Path directory = Build.directory("workload");
        try (ServerCluster cluster = ServerCluster.start(Container.JETTY_12_1, "workload")) {
            cluster.joinAll();
            List<URI> nodes = IntStream.range(0, ServerCluster.SIZE)
                    .mapToObj(node -> URI.create(cluster.url(node, "")))
                    .toList();
            History history;
            try (Workload workload = new Workload(Plan.usual(SEED, Access.OPEN, nodes))) {
                workload.start();
                TimeUnit.NANOSECONDS.sleep(WORK.toNanos());
                history = workload.stop();
            }
            List<NodeStore> stores = Listings.of(Access.OPEN, nodes, Duration.ofSeconds(60));
            history.save(directory.resolve("history.jsonl"));
            Report report = Checks.run(history, stores);
            report.save(directory);
            assertTrue(report.passed(), report::toString);
        }
    }
}
