package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.kv.Reader;
import dev.raftkv.model.Birth.Stage;
import dev.raftkv.model.Code;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Member;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Role;
import dev.raftkv.testkit.FileTree;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes with one list: whatever happens at their start, one cluster comes out of it. */
@Timeout(180)
class BirthIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int SIZE = 3;

    @TempDir
    Path directory;

    private HttpNodes nodes;

    @BeforeEach
    void open() {
        nodes = new HttpNodes(directory, SIZE);
    }

    @AfterEach
    void close() {
        nodes.close();
    }

    private void awaitOneCluster(int... numbers) {
        eventually(SOON, () -> {
            for (int number : numbers) {
                assertTrue(
                        nodes.node(number).health().ready().passed(),
                        nodes.node(number).health().ready()::toString);
                assertEquals(SIZE, status(number).members().size());
            }
            assertEquals(
                    1,
                    IntStream.of(numbers)
                            .mapToObj(
                                    number -> status(number).identity().birth().group())
                            .distinct()
                            .count());
        });
    }

    private NodeStatus status(int number) {
        return nodes.node(number).kv().status();
    }

    private int leader() {
        return eventually(
                SOON,
                () -> IntStream.range(0, SIZE)
                        .filter(number ->
                                nodes.node(number) != null && status(number).role() == Role.LEADER)
                        .findFirst()
                        .orElseThrow(() -> new AssertionError("no leader")));
    }

    private void put(String key, String json) {
        eventually(SOON, () -> NodeCluster.put(nodes.node(leader()), key, json));
    }

    private String joining(int number) {
        return nodes.node(number).health().ready().failed().stream()
                .filter(check -> check.name().equals("joining"))
                .flatMap(check -> check.problem().stream())
                .collect(Collectors.joining());
    }

    private void assertServesNothing(int number) {
        Node node = nodes.node(number);
        assertFalse(node.health().ready().passed());
        assertTrue(node.health().live().passed());
        assertEquals(
                Code.UNAVAILABLE,
                assertThrows(KvException.class, () -> node.kv().reader().get(Key.of("k")))
                        .code());
        KvException write = assertThrows(KvException.class, () -> NodeCluster.put(node, "k", "1"));
        assertEquals(Code.UNAVAILABLE, write.code());
        assertTrue(write.getMessage().contains("asks to be joined"), write.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"0,1,2", "0,2,1", "1,0,2", "1,2,0", "2,0,1", "2,1,0"})
    void anyOrderOfStartsGivesOneCluster(int first, int second, int third) {
        nodes.start(first);
        eventually(SOON, () -> assertTrue(joining(first).contains("list"), joining(first)));
        assertServesNothing(first);
        nodes.start(second);
        eventually(SOON, () -> assertTrue(joining(second).contains("list"), joining(second)));
        assertServesNothing(first);
        assertServesNothing(second);
        nodes.start(third);
        awaitOneCluster(0, 1, 2);
        put("key", "1");
        // Where members answer HTTP they tell each other once they are members.
        eventually(
                SOON,
                () -> assertEquals(
                        Stream.of(nodes.url(0), nodes.url(1), nodes.url(2))
                                .map(Optional::of)
                                .toList(),
                        status(2).members().stream().map(Member::httpAddress).toList()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aLostDiskGivesNoSecondClusterWhoeverStartsFirst(int lost) throws Exception {
        for (int number = 0; number < SIZE; number++) {
            nodes.start(number);
        }
        awaitOneCluster(0, 1, 2);
        put("key", "1");
        UUID group = status(0).identity().birth().group();
        for (int number = 0; number < SIZE; number++) {
            nodes.stop(number);
        }
        FileTree.delete(nodes.data(lost));

        nodes.start(lost);
        eventually(SOON, () -> assertTrue(joining(lost).contains("list"), joining(lost)));
        assertServesNothing(lost);
        for (int number = 0; number < SIZE; number++) {
            if (number != lost) {
                nodes.start(number);
            }
        }
        eventually(
                SOON,
                () -> assertTrue(
                        joining(lost).contains(HttpNodes.id(lost) + " at ")
                                && joining(lost).contains("is a member and has lost its data"),
                        joining(lost)));
        assertServesNothing(lost);
        int leader = leader();
        assertEquals(group, status(leader).identity().birth().group());
        Reader reader = NodeCluster.current(nodes.node(leader));
        assertTrue(reader.get(Key.of("key")).isPresent());

        // The way out that is named.
        NodeCluster.await(nodes.node(leader).membership().remove(HttpNodes.id(lost)));
        awaitOneCluster(0, 1, 2);
        assertEquals(group, status(lost).identity().birth().group());
    }

    @Test
    void threeNodesWithOneIdFoundNothingAndSayWhoIsWho() {
        for (int number = 0; number < SIZE; number++) {
            nodes.start(number, nodes.config(number, "node1", nodes.list()));
        }
        for (int number = 0; number < SIZE; number++) {
            int each = number;
            eventually(
                    SOON, () -> assertTrue(joining(each).contains("another node has the id node1 too"), joining(each)));
            assertServesNothing(number);
            assertTrue(joining(number)
                    .contains(nodes.node(number).config().raftAddress().toString()));
        }
    }

    @Test
    void anIdThatIsGivenTwiceDoesNotKeepTheOthersFromTheirCluster() {
        nodes.start(0);
        nodes.start(1, nodes.config(1, "node2", nodes.list()));
        NodeConfig twin = nodes.config(2, "node2", nodes.list());
        nodes.start(2, twin);
        for (int number = 1; number < SIZE; number++) {
            int each = number;
            eventually(
                    SOON, () -> assertTrue(joining(each).contains("another node has the id node2 too"), joining(each)));
        }
        nodes.stop(2);
        nodes.start(2, nodes.config(2, "node3", nodes.list()));
        awaitOneCluster(0, 1, 2);
    }

    @Test
    void aListOfOneFoundsAtOnce() {
        nodes.start(0, nodes.config(0, "node1", List.of(nodes.url(0))));
        eventually(SOON, () -> assertTrue(nodes.node(0).health().ready().passed()));
        NodeCluster.put(nodes.node(0), "key", "1");
        nodes.stop(0);
        nodes.start(0);
        eventually(SOON, () -> assertTrue(nodes.node(0).health().ready().passed()));
        assertEquals(
                Optional.of("1"),
                nodes.node(0).kv().reader().get(Key.of("key")).map(Entry::value).map(Object::toString));
    }

    @Test
    void aNodeThatWasAloneAndNeverChangedAnythingAsksWhenItGetsAList() {
        nodes.start(1, nodes.config(1, "node2", List.of()));
        assertEquals(Stage.MEMBER, status(1).identity().birth().stage());
        nodes.stop(1);
        nodes.start(1, HttpNodes.withList(nodes.configOf(1), nodes.list()));
        nodes.start(0);
        nodes.start(2);
        awaitOneCluster(0, 1, 2);
    }

    @Test
    void anAddressThatChangedIsToldToAll() {
        for (int number = 0; number < SIZE; number++) {
            nodes.start(number);
        }
        awaitOneCluster(0, 1, 2);
        int follower = (leader() + 1) % SIZE;
        nodes.stop(follower);
        nodes.start(follower, HttpNodes.withHttpAddress(nodes.configOf(follower), "http://moved:1/kv"));
        eventually(SOON, () -> {
            for (int number = 0; number < SIZE; number++) {
                assertEquals(
                        Optional.of("http://moved:1/kv"),
                        status(number).members().get(follower).httpAddress());
            }
        });
    }
}
