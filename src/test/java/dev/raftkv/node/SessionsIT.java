package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.raftkv.kv.Reader;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Range;
import dev.raftkv.model.Role;
import dev.raftkv.model.Session;
import dev.raftkv.model.Session.Behavior;
import dev.raftkv.model.Write;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sessions on three nodes, of which the leader goes. */
@Timeout(180)
class SessionsIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration TTL = Duration.ofSeconds(3);

    @TempDir
    Path directory;

    /** The first one has to wait until the members have told each other that they understand it. */
    private static UUID begin(Node leader, Behavior behavior) {
        UUID id = UUID.randomUUID();
        OfSession create = new OfSession.Create(id, "", TTL.toMillis(), behavior, 0);
        eventually(SOON, () -> write(leader, create, Outcome.SessionMade.class));
        return id;
    }

    private static <O extends Outcome> O write(Node leader, OfSession step, Class<O> outcome) {
        return NodeCluster.await(leader.kv().write(Write.of(step), outcome));
    }

    private static void put(Node leader, String key, UUID session) {
        write(leader, new OfSession.Put(Key.of(key), NodeCluster.json("1"), session), Outcome.Held.class);
    }

    private static Optional<Session> session(Node node, UUID id) {
        return NodeCluster.current(node).session(id);
    }

    private static int leaderOf(HttpNodes nodes, int... some) {
        return eventually(SOON, () -> {
            for (int node : some) {
                NodeStatus status = nodes.node(node).kv().status();
                if (status.role() == Role.LEADER && status.members().size() == 3) {
                    return node;
                }
            }
            return fail("nobody leads");
        });
    }

    private static int[] without(int leader) {
        return IntStream.range(0, 3).filter(node -> node != leader).toArray();
    }

    private static HttpNodes three(Path directory) {
        HttpNodes nodes = new HttpNodes(directory, 3);
        for (int node = 0; node < 3; node++) {
            nodes.start(node);
        }
        return nodes;
    }

    private static void assertStoresEqual(HttpNodes nodes) {
        Set<List<Object>> contents = new HashSet<>();
        for (int node = 0; node < 3; node++) {
            int each = node;
            contents.add(eventually(SOON, () -> {
                Reader reader = NodeCluster.current(nodes.node(each));
                List<Object> content = new ArrayList<>(reader.sessions(Optional.empty(), 9));
                reader.keys(Range.ALL, Integer.MAX_VALUE)
                        .forEach(listed -> content.add(reader.get(listed.name()).orElseThrow()));
                return content;
            }));
        }
        assertEquals(1, contents.size(), () -> "stores differ: " + contents);
    }

    @Test
    void aSessionOutlivesItsLeaderAndIsNeverEarlyAndEnds() {
        try (HttpNodes nodes = three(directory)) {
            int leader = leaderOf(nodes, 0, 1, 2);
            Node first = nodes.node(leader);
            UUID goes = begin(first, Behavior.DELETE);
            UUID stays = begin(first, Behavior.RELEASE);
            put(first, "goes", goes);
            put(first, "stays", stays);
            NodeCluster.await(first.kv().renew(goes));
            nodes.stop(leader);

            Node next = nodes.node(leaderOf(nodes, without(leader)));
            assertEquals(1, session(next, goes).orElseThrow().keys());
            long revision = next.kv().revision().orElseThrow();
            // For longer than the ttl, by renewals alone.
            long until = System.nanoTime() + TTL.multipliedBy(2).toNanos();
            long[] renewed = {0};
            eventually(SOON, () -> {
                renewed[0] = System.nanoTime();
                assertEquals(goes, NodeCluster.await(next.kv().renew(goes)).id());
                assertTrue(System.nanoTime() > until);
            });
            assertTrue(next.kv().reader().get(Key.of("goes")).isPresent());
            // Nobody has renewed the other one, which is all that has happened.
            assertEquals(Optional.empty(), session(next, stays));
            Entry letGo = next.kv().reader().get(Key.of("stays")).orElseThrow();
            assertEquals(Optional.empty(), letGo.hold());
            assertEquals(revision + 1, next.kv().revision().orElseThrow());

            eventually(SOON, () -> assertEquals(Optional.empty(), session(next, goes)));
            assertTrue(System.nanoTime() - renewed[0] >= TTL.toNanos(), "it was early");
            assertEquals(Optional.empty(), next.kv().reader().get(Key.of("goes")));
            KvException gone = assertThrows(
                    KvException.class, () -> NodeCluster.await(next.kv().renew(goes)));
            assertEquals(Code.NOT_FOUND, gone.code());
            nodes.start(leader);
            assertStoresEqual(nodes);
        }
    }

    @Test
    void aFollowerRenewsNothingItself() {
        try (HttpNodes nodes = three(directory)) {
            int leader = leaderOf(nodes, 0, 1, 2);
            UUID id = begin(nodes.node(leader), Behavior.DELETE);
            for (int other : without(leader)) {
                KvException refusal = assertThrows(
                        KvException.class,
                        () -> NodeCluster.await(nodes.node(other).kv().renew(id)));
                assertEquals(Code.NOT_LEADER, refusal.code());
            }
        }
    }

    /** A leader that was started while another member was down has never heard that it understands sessions. */
    @Test
    void sessionsGoOnWhileAMemberIsDownWhomTheLeaderHasNeverHeard() {
        try (HttpNodes nodes = three(directory)) {
            int leader = leaderOf(nodes, 0, 1, 2);
            begin(nodes.node(leader), Behavior.DELETE);
            int dead = without(leader)[0];
            int restarted = without(leader)[1];
            nodes.stop(dead);
            nodes.stop(restarted);
            nodes.start(restarted);
            int now = leaderOf(nodes, leader, restarted);
            if (now != restarted) {
                eventually(
                        SOON,
                        () -> NodeCluster.await(
                                nodes.node(now).membership().transfer(Optional.of(HttpNodes.id(restarted)))));
            }
            begin(nodes.node(leaderOf(nodes, restarted)), Behavior.DELETE);
        }
    }

    @Test
    void manySessionsThatEndAtOnceDoSoSoonAndTheSameEverywhere() {
        try (HttpNodes nodes = three(directory)) {
            Node leader = nodes.node(leaderOf(nodes, 0, 1, 2));
            begin(leader, Behavior.DELETE);
            List<CompletableFuture<?>> begun = new ArrayList<>();
            for (int i = 0; i < 3_000; i++) {
                UUID id = UUID.randomUUID();
                OfSession create = new OfSession.Create(id, "", TTL.toMillis(), Behavior.DELETE, 0);
                OfSession put = new OfSession.Put(Key.of("many/" + i), NodeCluster.json("1"), id);
                begun.add(leader.kv()
                        .write(Write.of(create), Outcome.SessionMade.class)
                        .thenCompose(made -> leader.kv().write(Write.of(put), Outcome.Held.class)));
                if (begun.size() % 500 == 0) {
                    begun.forEach(NodeCluster::await);
                }
            }
            eventually(SOON, () -> assertEquals(List.of(), leader.kv().reader().sessions(Optional.empty(), 1)));
            assertStoresEqual(nodes);
        }
    }
}
