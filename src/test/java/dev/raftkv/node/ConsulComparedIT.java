package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.config.NodeConfig.Consul;
import dev.raftkv.consul.ConsulCaller;
import dev.raftkv.consul.compare.Asked;
import dev.raftkv.consul.compare.Comparison;
import dev.raftkv.consul.compare.RandomWalk;
import dev.raftkv.consul.compare.Side;
import dev.raftkv.model.Role;
import dev.raftkv.testkit.TestConfigs;
import dev.raftkv.testkit.Together;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random requests are answered as a model of Consul answers them, by the leader and by a follower of three nodes; or as another server
 * does, which the property {@code consul.reference} names.
 */
class ConsulComparedIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String REFERENCE = System.getProperty("consul.reference", "");
    private static final int REQUESTS = Integer.getInteger("consul.requests", 500);

    @TempDir
    static Path directory;

    private static HttpNodes nodes;

    @BeforeAll
    static void start() {
        nodes = new HttpNodes(directory, 3);
        Consul on = new Consul(true, "dc1", Duration.ofSeconds(10));
        Together.each(
                List.of(0, 1, 2),
                node -> nodes.start(node, TestConfigs.with(nodes.config(node, HttpNodes.id(node), nodes.list()), on)));
        eventually(SOON, () -> assertEquals(2, those(Role.FOLLOWER).size()));
        for (int node = 0; node < 3; node++) {
            Asked asked = asked(node);
            eventually(
                    SOON,
                    () -> assertEquals(404, asked.ask(RandomWalk.ofNothing()).status()));
        }
    }

    @AfterAll
    static void stop() {
        nodes.close();
    }

    private static Asked asked(int node) {
        return Asked.at(new ConsulCaller(nodes.url(node)));
    }

    private static List<Integer> those(Role role) {
        return IntStream.range(0, 3)
                .filter(node -> nodes.node(node).kv().status().role() == role)
                .boxed()
                .toList();
    }

    static LongStream seeds() {
        long first = Long.getLong("consul.seed", 1);
        return LongStream.range(first, first + Integer.getInteger("consul.seeds", 2));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void theLeaderAnswersAsItsReference(long seed) {
        walk(seed, those(Role.LEADER).get(0));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aFollowerAnswersAsItsReference(long seed) {
        walk(seed, those(Role.FOLLOWER).get(0));
    }

    private static void walk(long seed, int node) {
        boolean model = REFERENCE.isEmpty();
        Side reference = model ? Side.model() : Side.cleared(Asked.at(new ConsulCaller(REFERENCE)));
        Comparison both = new Comparison(reference, Side.cleared(asked(node)), model);
        new RandomWalk(seed, both, model).go(REQUESTS);
    }
}
