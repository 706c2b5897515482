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
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** While a member may be of the first version, a leader writes nothing into the log that would stop it. */
@Timeout(180)
class RollingUpgradeIT {
    private static final Duration SOON = Duration.ofSeconds(60);

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
