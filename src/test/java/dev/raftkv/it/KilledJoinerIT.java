package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.ServerCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code kill -9} of a node that is being given the leader's state: it starts again, and comes in when it is asked again. */
final class KilledJoinerIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int VALUES = 48;
    private static final String MIB = "x".repeat(1_000_000);

    private final Http http = Http.plain(LIMIT);

    @Test
    void aNodeThatIsKilledWhileItGetsASnapshotComesInLater() throws Exception {
        ExecutableWar war = new ExecutableWar(Build.war(), Build.deploy());
        try (ServerCluster cluster = ServerCluster.start(war::node, "killed-joiner")) {
            for (int value = 0; value < VALUES; value++) {
                String url = cluster.url(0, "/store/key" + value);
                assertEquals(200, http.put(url, '"' + MIB + value + '"').status());
            }
            killWhileItJoins(cluster, 1, "tmp");
            // Then Ratis has answered for it, and the store is still to be made from it.
            killWhileItJoins(cluster, 2, "sm");
            assertEquals(VALUES, values(cluster, 0).size());
            for (int node = 1; node < ServerCluster.SIZE; node++) {
                assertTrue(values(cluster, 0).equals(values(cluster, node)), "node " + node + " holds something else");
            }
        }
    }

    /** @param arrives the directory of a group in which something is then */
    private void killWhileItJoins(ServerCluster cluster, int node, String arrives) throws Exception {
        CompletableFuture<Reply> cutOff = CompletableFuture.supplyAsync(() -> join(cluster, node));
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!isAnythingIn(cluster.spec(node).dataDirectory().resolve("raft"), arrives)) {
            assertTrue(System.nanoTime() < end, "nothing has come into " + arrives);
        }
        cluster.kill(node);
        cutOff.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        cluster.restart(node);
        eventually(LIMIT, () -> {
            Reply joined = join(cluster, node);
            assertEquals(200, joined.status(), joined::toString);
        });
    }

    private Reply join(ServerCluster cluster, int node) {
        try {
            return cluster.join(node, cluster.spec(node).nodeId());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isAnythingIn(Path groups, String name) {
        try (Stream<Path> each = Files.list(groups)) {
            for (Path group : each.toList()) {
                String[] names = group.resolve(name).toFile().list();
                if (names != null && names.length > 0) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            // The group that it held before goes just now.
            return false;
        }
    }

    private List<String> values(ServerCluster cluster, int node) throws IOException {
        Reply backup = http.get(cluster.url(node, "/backup?consistency=linearizable"));
        assertEquals(200, backup.status());
        return backup.text()
                .lines()
                .filter(line -> line.startsWith("{\"key\":"))
                .toList();
    }
}
