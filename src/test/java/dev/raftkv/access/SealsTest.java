package dev.raftkv.access;

import static dev.raftkv.access.NodesThatSeal.BODY;
import static dev.raftkv.access.NodesThatSeal.CLUSTER;
import static dev.raftkv.access.NodesThatSeal.OTHER;
import static dev.raftkv.access.NodesThatSeal.SECRET;
import static dev.raftkv.access.NodesThatSeal.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom a seal is believed, and what it is good for. */
class SealsTest {
    @TempDir
    private Path directory;

    private NodesThatSeal nodes;

    @BeforeEach
    void start() throws IOException {
        nodes = new NodesThatSeal(directory);
    }

    /** Numbers and order of what is sealed are a contract between versions. */
    @Test
    void bytesAreThese() {
        byte[] nonce = new byte[16];
        nonce[0] = 1;
        SecretKeySpec key = new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
        Seal seal = Seal.made(
                key, new Seal(1_790_000_000_123L, nonce, "node2", "node1", Hmac.digest(BODY), new byte[0]), WRITE);
        assertEquals(
                "1.1790000000123.01000000000000000000000000000000.bm9kZTI.bm9kZTE."
                        + "t4HVsGBJblqznOBwy6IeLtXRVpcGilb2OQnbVo5mzxg."
                        + "9xqkiQa8PLn5oqTpbEwDPreX0Gw4L-NFoYH90FncDfM",
                seal.text());
        assertTrue(Seal.parse(seal.text()).isMadeWith(key, WRITE));
    }

    @Test
    void whoAsksIsBelievedOnce() {
        Seals.Made seal = nodes.seal(WRITE);
        Sealed sealed = nodes.check(seal, WRITE);
        assertEquals("node2", sealed.sender());
        assertEquals(new Caller("alice", Set.of(UserRole.WRITER)), sealed.caller());
        sealed.require(BODY);

        SealRefusedException again = nodes.refused(seal, WRITE);
        assertEquals("a seal of node node2 has come a second time", again.getMessage());
        assertFalse(seal.isRefusedBy(again.proof()), "the first one was carried out");
    }

    @Test
    void aNodeThatAsksForItselfIsANode() {
        Asked join = NodesThatSeal.asked("POST", "/raft/join");
        Seals.Made seal = nodes.sender.seal(join, BODY, "").orElseThrow();
        assertEquals(
                new Caller("node2", Set.of(UserRole.NODE)),
                nodes.check(seal, join).caller());
    }

    @Test
    void anotherBodyIsRefusedAndTheSealIsSpent() {
        Seals.Made seal = nodes.seal(WRITE);
        Sealed sealed = nodes.check(seal, WRITE);
        SealRefusedException refusal = assertThrows(
                SealRefusedException.class, () -> sealed.require("{\"key\":2}".getBytes(StandardCharsets.UTF_8)));
        assertEquals(403, refusal.status());
        assertTrue(seal.isRefusedBy(refusal.proof()));
        assertThrows(SealRefusedException.class, () -> sealed.require(new byte[0]));
        nodes.refused(seal, WRITE);
    }

    @Test
    void nothingElseIsAskedWithIt() {
        Seals.Made seal = nodes.seal(WRITE);
        for (Asked forged : new Asked[] {
            NodesThatSeal.asked(
                    "PUT",
                    "/store?key=a%20b",
                    "If-Match",
                    "\"5\"",
                    Seals.CALLER,
                    "alice:writer",
                    Seals.CLUSTER,
                    CLUSTER),
            NodesThatSeal.asked(
                    "POST",
                    "/store?key=a%20c",
                    "If-Match",
                    "\"5\"",
                    Seals.CALLER,
                    "alice:writer",
                    Seals.CLUSTER,
                    CLUSTER),
            NodesThatSeal.asked("POST", "/store?key=a%20b", Seals.CALLER, "alice:writer", Seals.CLUSTER, CLUSTER),
            NodesThatSeal.asked(
                    "POST",
                    "/store?key=a%20b",
                    "If-Match",
                    "\"5\"",
                    Seals.CALLER,
                    "alice:admin",
                    Seals.CLUSTER,
                    CLUSTER),
            NodesThatSeal.asked("POST", "/store?key=a%20b", "If-Match", "\"5\"", Seals.CLUSTER, CLUSTER),
            NodesThatSeal.asked("POST", "/store?key=a%20b", "If-Match", "\"5\"", Seals.CALLER, "alice:writer"),
        }) {
            SealRefusedException refusal = nodes.refused(seal, forged);
            assertEquals(403, refusal.status());
            assertTrue(refusal.getMessage().contains("or the request was changed on its way"), refusal.getMessage());
            assertFalse(seal.isRefusedBy(refusal.proof()), "the true one may still come, as it does here");
        }
        nodes.check(seal, WRITE);
    }

    @Test
    void aChangedSealIsRefused() {
        String text = nodes.seal(WRITE).text();
        for (int i = 0; i < text.length(); i++) {
            char changed = text.charAt(i) == '1' ? '2' : '1';
            String forged = text.substring(0, i) + changed + text.substring(i + 1);
            // The last character of a part of 32 bytes has two bits that mean nothing.
            boolean same = i == text.length() - 1 || i + 1 < text.length() && text.charAt(i + 1) == '.';
            if (!same) {
                assertThrows(SealRefusedException.class, () -> nodes.receiver.check(with(forged)), forged);
            }
        }
        for (String none : new String[] {"", "1", "2" + text.substring(1), text + ".", "......", "1......", "a b"}) {
            assertUnreadable(none);
        }
        assertUnreadable(text.replace(".bm9kZTI.", ".bm9kZTIgaXMgZG93bg."));
        assertUnreadable(text.replace(".bm9kZTI.", ".."));
        assertUnreadable(text.replace(".bm9kZTE.", ".bm9kw6kx."));
        assertTrue(nodes.receiver.check(with(text)).isPresent());
    }

    private void assertUnreadable(String seal) {
        SealRefusedException refusal =
                assertThrows(SealRefusedException.class, () -> nodes.receiver.check(with(seal)), seal);
        assertEquals(403, refusal.status());
        assertEquals("the seal of a node cannot be read", refusal.getMessage(), "words of strangers come into no log");
    }

    private static Asked with(String seal) {
        return new Asked(
                WRITE.method(),
                WRITE.target(),
                name -> name.equals(Seals.HEADER) ? seal : WRITE.headers().apply(name));
    }

    @Test
    void anotherSecretIsRefusedAndProvesNothing() throws IOException {
        nodes.restart(OTHER, NodesThatSeal.NONCES);
        Seals.Made seal = nodes.seal(WRITE);
        SealRefusedException refusal = nodes.refused(seal, WRITE);
        assertEquals(403, refusal.status());
        assertEquals(
                "the seal of a node is not made with the secret of node node1, or the request was changed on its way:"
                        + " give all nodes the same RAFT_NODE_SECRET",
                refusal.getMessage());
        assertFalse(seal.isRefusedBy(refusal.proof()));
        assertFalse(seal.isRefusedBy(null));
        assertFalse(seal.isRefusedBy("00"));
    }

    @Test
    void whatIsForAnotherNodeIsMisdirected() {
        Seals.Made seal = nodes.sender.seal(WRITE, BODY, "node3").orElseThrow();
        SealRefusedException refusal = nodes.refused(seal, WRITE);
        assertEquals(421, refusal.status());
        assertEquals("this is node node1, and node node3 was asked", refusal.getMessage());
        assertTrue(seal.isRefusedBy(refusal.proof()));
        assertFalse(nodes.seal(WRITE).isRefusedBy(refusal.proof()), "the proof is of one seal");
    }

    @Test
    void whatIsForAnotherClusterIsMisdirectedSealedOrNot() {
        Asked other = NodesThatSeal.asked("POST", "/store", Seals.CLUSTER, "another");
        Seals.Made seal = nodes.seal(other);
        SealRefusedException refusal = nodes.refused(seal, other);
        assertEquals(421, refusal.status());
        assertTrue(seal.isRefusedBy(refusal.proof()));
        assertEquals(
                421,
                assertThrows(SealRefusedException.class, () -> nodes.receiver.check(other))
                        .status());
        assertEquals(Optional.empty(), nodes.sender.check(other), "a node of no cluster cannot tell");
    }

    @Test
    void aSecondSecretIsBelievedSoThatTheFirstCanBeChanged() throws IOException {
        nodes.restart(OTHER + "\n" + SECRET + "\n", NodesThatSeal.NONCES);
        Seals.Made old = nodes.seal(WRITE);
        nodes.check(old, WRITE);

        nodes.changeSecret(SECRET + "\n" + OTHER);
        nodes.check(nodes.seal(WRITE), WRITE);
        nodes.changeSecret(OTHER);
        nodes.check(nodes.seal(WRITE), WRITE);
        Seals.Made seal = nodes.sender.seal(WRITE, BODY, "node3").orElseThrow();
        assertTrue(seal.isRefusedBy(nodes.refused(seal, WRITE).proof()));
    }

    @Test
    void withoutASecretNothingIsSealedAndNoSealIsBelieved() {
        Seals without = Seals.none("node1");
        assertEquals(Optional.empty(), without.seal(WRITE, BODY, "node2"));
        assertEquals(Optional.empty(), without.seal(WRITE, BODY, ""));
        assertEquals(Optional.empty(), without.check(NodesThatSeal.sealed(nodes.seal(WRITE), WRITE)));

        Asked look = NodesThatSeal.asked("GET", "/raft/stats");
        Seals.Made own = without.seal(look, new byte[0], "node1").orElseThrow();
        assertEquals(
                Optional.empty(),
                Seals.none("node1").check(NodesThatSeal.sealed(own, look)),
                "another process of its name");
        assertEquals(
                new Caller("node1", Set.of(UserRole.NODE)),
                without.check(NodesThatSeal.sealed(own, look)).orElseThrow().caller());
    }
}
