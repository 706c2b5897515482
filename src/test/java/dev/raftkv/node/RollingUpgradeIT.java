package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Command;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.RequestId;
import dev.raftkv.model.Role;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Write;
import dev.raftkv.raft.members.Membership.Asked;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** While a member may be of the first version, a leader writes nothing into the log that would stop it. */
@Timeout(180)
class RollingUpgradeIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Http HTTP = Http.plain(SOON);

    @TempDir
    Path directory;

    private int names;

    @Test
    void whatIsNewInTheLogWaitsUntilAllMembersAreKnownToUnderstandIt() throws IOException {
        try (HttpNodes nodes = new HttpNodes(directory.resolve("two"), 2);
                NodeCluster silent = new NodeCluster(directory)) {
            nodes.start(0);
            nodes.start(1);
            int leader = eventually(SOON, () -> {
                assertEquals(2, nodes.node(0).kv().status().members().size());
                assertTrue(nodes.node(1).health().ready().passed());
                return nodes.node(0).kv().status().role() == Role.LEADER ? 0 : 1;
            });
            // It says nothing over HTTP that would tell its version.
            silent.start("silent");
            NodeCluster.await(nodes.node(leader).membership().join(Asked.voter("silent", silent.address("silent"))));
            assertFalse(writesTheNewForm(nodes, leader));

            NodeCluster.await(nodes.node(leader).membership().remove("silent"));
            eventually(SOON, () -> assertTrue(writesTheNewForm(nodes, leader)));
        }
    }

    @Test
    void aRestoreWantsToHaveHeardEachMemberOnceHoweverLongItIsDead() throws IOException {
        try (HttpNodes nodes = new HttpNodes(directory.resolve("four"), 4);
                NodeCluster silent = new NodeCluster(directory)) {
            for (int node = 0; node < 3; node++) {
                nodes.start(node, nodes.config(node, HttpNodes.id(node), List.of()));
            }
            NodeCluster.put(nodes.node(0), "saved", "1");
            String backup = HTTP.get(nodes.url(0) + "/backup").text();
            for (int node = 1; node < 3; node++) {
                join(
                        nodes,
                        0,
                        Asked.voter(HttpNodes.id(node), nodes.configOf(node).raftAddress()));
            }
            Reply restored = restore(nodes, 0, backup);
            assertEquals(200, restored.status(), restored::toString);
            // Each of the two that lead later has heard the third by itself, before that one is dead.
            NodeCluster.await(nodes.node(0).membership().transfer(Optional.of(HttpNodes.id(1))));
            Reply again = restore(nodes, 1, backup);
            assertEquals(200, again.status(), again::toString);
            NodeCluster.await(nodes.node(1).membership().transfer(Optional.of(HttpNodes.id(0))));

            nodes.stop(2);
            silent.start("silent");
            join(nodes, 0, Asked.learner("silent", silent.address("silent")));
            for (int leader = 0; leader < 2; leader++) {
                NodeCluster.await(nodes.node(0).membership().transfer(Optional.of(HttpNodes.id(leader))));
                // The first refusal has it look again, at the dead one too.
                Reply refused = restore(nodes, leader, backup);
                assertEquals(503, refused.status(), refused::toString);
                assertTrue(refused.text().contains(" a restore: silent;"), refused::toString);
            }
            NodeCluster.await(nodes.node(1).membership().remove("silent"));
            NodeCluster.put(nodes.node(1), "later", "2");
            Reply first = HTTP.post(nodes.url(1) + "/restore?replace", backup);
            assertEquals(200, first.status(), first::toString);

            nodes.start(2);
            nodes.start(3, nodes.config(3, HttpNodes.id(3), List.of()));
            // The members are asked seldom by now; but for one who is new.
            join(nodes, 1, Asked.voter(HttpNodes.id(3), nodes.configOf(3).raftAddress()));
            Reply last = restore(nodes, 1, backup);
            assertEquals(200, last.status(), last::toString);
            for (int node = 0; node < 4; node++) {
                String url = nodes.url(node) + "/backup?consistency=linearizable";
                eventually(
                        SOON,
                        () -> assertEquals(keys(backup), keys(HTTP.get(url).text())));
            }
        }
    }

    @Test
    void countersAndSequencesWaitUntilEachMemberHasTold() throws IOException {
        try (HttpNodes nodes = new HttpNodes(directory.resolve("two"), 2);
                NodeCluster silent = new NodeCluster(directory)) {
            formWithoutList(nodes, 2);
            silent.start("silent");
            join(nodes, 0, Asked.learner("silent", silent.address("silent")));
            String txn = "{\"then\":[{\"add\":\"n\",\"by\":1}]}";
            for (Reply refused : List.of(
                    add(nodes, 0),
                    HTTP.post(nodes.url(0) + "/txn", txn),
                    HTTP.post(nodes.url(0) + "/store?prefix=q/&sequence", "{\"value\":1}"))) {
                assertEquals(503, refused.status(), refused::toString);
                assertEquals(Optional.of("1"), refused.headers().firstValue("Retry-After"));
                assertTrue(refused.text().contains(" counters and sequences: silent;"), refused::toString);
            }
            // What older members know goes on.
            NodeCluster.put(nodes.node(0), "put", "1");
            NodeCluster.await(nodes.node(0).membership().remove("silent"));
            eventually(SOON, () -> assertSum("1", add(nodes, 0)));
            // The log has it now: whoever comes has to read it, and is asked no more.
            silent.stop("silent");
            silent.start("late");
            join(nodes, 0, Asked.learner("late", silent.address("late")));
            assertSum("2", add(nodes, 0));
            silent.awaitValue("late", "n", "2");
        }
    }

    @Test
    void whatADeadMemberHasToldIsKnownWhenTheOthersWereStartedAgain() throws IOException {
        try (HttpNodes nodes = new HttpNodes(directory.resolve("three"), 3)) {
            formWithoutList(nodes, 3);
            for (int node = 0; node < 2; node++) {
                Path told = nodes.data(node).resolve("log-levels.properties");
                eventually(SOON, () -> assertTrue(Files.readString(told).contains("node3@"), told::toString));
            }
            nodes.stop(2);
            for (int node = 0; node < 2; node++) {
                nodes.stop(node);
                nodes.start(node);
            }
            int leader = eventually(SOON, () -> {
                int first = nodes.node(0).kv().status().role() == Role.LEADER ? 0 : 1;
                assertEquals(Role.LEADER, nodes.node(first).kv().status().role());
                return first;
            });
            eventually(SOON, () -> assertSum("1", add(nodes, leader)));
            nodes.start(2);
            eventually(
                    SOON,
                    () -> assertEquals(
                            "1", HTTP.get(nodes.url(2) + "/store/n?raw").text()));
        }
    }

    private static Reply add(HttpNodes nodes, int node) throws IOException {
        return HTTP.post(nodes.url(node) + "/store/n?add=1", "");
    }

    private static void assertSum(String sum, Reply reply) {
        assertEquals(200, reply.status(), reply::toString);
        assertTrue(reply.text().contains("\"value\":" + sum + "}"), reply::toString);
    }

    private static void formWithoutList(HttpNodes nodes, int size) {
        for (int node = 0; node < size; node++) {
            nodes.start(node, nodes.config(node, HttpNodes.id(node), List.of()));
        }
        for (int node = 1; node < size; node++) {
            join(nodes, 0, Asked.voter(HttpNodes.id(node), nodes.configOf(node).raftAddress()));
        }
    }

    private static void join(HttpNodes nodes, int leader, Asked member) {
        NodeCluster.await(nodes.node(leader).membership().join(member));
    }

    /** As an operator does it: once more, if the answer is to come again in a moment. */
    private static Reply restore(HttpNodes nodes, int node, String backup) throws IOException {
        Reply first = HTTP.post(nodes.url(node) + "/restore?replace", backup);
        if (first.status() != 503) {
            return first;
        }
        assertEquals(Optional.of("1"), first.headers().firstValue("Retry-After"));
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
        return HTTP.post(nodes.url(node) + "/restore?replace", backup);
    }

    /** All but the first line of a backup, which has its time, and the last, which has the sum of all. */
    private static List<String> keys(String backup) {
        List<String> lines = backup.lines().toList();
        return lines.subList(1, lines.size() - 1);
    }

    /** How the log has a transaction with a name that reads: the field of the new form follows the fingerprint. */
    private boolean writesTheNewForm(HttpNodes nodes, int leader) throws IOException {
        RequestId id = new RequestId("name" + names, "fingerprint-" + names++ + "-");
        Command read = new Command.Txn(List.of(), List.of(new TxnOp.Get(Key.of("key"))), List.of());
        NodeCluster.await(nodes.node(leader)
                .kv()
                .write(new Write(read, Precondition.NONE, Optional.of(id)), Outcome.TxnDone.class));
        try (Stream<Path> files = Files.walk(nodes.data(leader).resolve("raft"))) {
            Path log = files.filter(file -> file.getFileName().toString().startsWith("log_inprogress_"))
                    .findFirst()
                    .orElseThrow();
            String content = new String(Files.readAllBytes(log), StandardCharsets.ISO_8859_1);
            assertTrue(content.contains(id.fingerprint()));
            return content.contains(id.fingerprint() + "\u0018\u0001");
        }
    }
}
