package dev.raftkv.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SealsTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final String OTHER = "fedcba9876543210fedcba9876543210";
    private static final String CLUSTER = "7c9a2a4e-0000-4000-8000-000000000001";
    private static final Instant BEGIN = Instant.parse("2026-11-26T10:00:00Z");
    private static final byte[] BODY = "{\"key\":1}".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path directory;

    /** Of both nodes; the receiver's clock differs from it by so much. */
    private Duration passed = Duration.ZERO;

    private Duration drift = Duration.ZERO;
    private Seals sender;
    private Seals receiver;

    @BeforeEach
    void start() throws IOException {
        sender = seals("node2", SECRET, Duration.ZERO, 1000);
        receiver = receiver(SECRET, 1000);
    }

    private Seals receiver(String secret, int nonces) throws IOException {
        return new Seals(
                "node1",
                Optional.of(secret(secret)),
                () -> Optional.of(CLUSTER),
                clock(() -> BEGIN.plus(passed).plus(drift)),
                () -> passed.toNanos(),
                nonces);
    }

    private Seals seals(String nodeId, String secret, Duration ahead, int nonces) throws IOException {
        return new Seals(
                nodeId,
                Optional.of(secret(secret)),
                Optional::empty,
                clock(() -> BEGIN.plus(passed).plus(ahead)),
                () -> passed.toNanos(),
                nonces);
    }

    private static Clock clock(InstantSource source) {
        return source.withZone(ZoneOffset.UTC);
    }

    private NodeSecret secret(String text) throws IOException {
        Path file = Files.createTempFile(
                directory,
                "secret",
                "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text);
        return NodeSecret.open(file);
    }

    private static Asked asked(String method, String target, String... headers) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            map.put(headers[i], headers[i + 1]);
        }
        return new Asked(method, target, map::get);
    }

    private static Asked sealed(Seals.Made seal, Asked asked) {
        return new Asked(
                asked.method(),
                asked.target(),
                name -> name.equals(Seals.HEADER)
                        ? seal.text()
                        : asked.headers().apply(name));
    }

    private static final Asked WRITE = asked(
            "POST", "/store?key=a%20b", "If-Match", "\"5\"", Seals.CALLER, "alice:writer", Seals.CLUSTER, CLUSTER);

    private Seals.Made seal(Asked asked) {
        return sender.seal(asked, BODY, "node1").orElseThrow();
    }

    private Sealed check(Seals.Made seal, Asked asked) {
        return receiver.check(sealed(seal, asked)).orElseThrow();
    }

    private SealRefusedException refused(Seals.Made seal, Asked asked) {
        return assertThrows(SealRefusedException.class, () -> check(seal, asked));
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
        Seals.Made seal = seal(WRITE);
        Sealed sealed = check(seal, WRITE);
        assertEquals("node2", sealed.sender());
        assertEquals(new Caller("alice", Set.of(UserRole.WRITER)), sealed.caller());
        sealed.require(BODY);

        SealRefusedException again = refused(seal, WRITE);
        assertEquals("a seal of node node2 has come a second time", again.getMessage());
        assertFalse(seal.isRefusedBy(again.proof()), "the first one was carried out");
    }

    @Test
    void aNodeThatAsksForItselfIsANode() {
        Asked join = asked("POST", "/raft/join");
        Seals.Made seal = sender.seal(join, BODY, "").orElseThrow();
        assertEquals(
                new Caller("node2", Set.of(UserRole.NODE)), check(seal, join).caller());
    }

    @Test
    void anotherBodyIsRefusedAndTheSealIsSpent() {
        Seals.Made seal = seal(WRITE);
        Sealed sealed = check(seal, WRITE);
        SealRefusedException refusal = assertThrows(
                SealRefusedException.class, () -> sealed.require("{\"key\":2}".getBytes(StandardCharsets.UTF_8)));
        assertEquals(403, refusal.status());
        assertTrue(seal.isRefusedBy(refusal.proof()));
        assertThrows(SealRefusedException.class, () -> sealed.require(new byte[0]));
        refused(seal, WRITE);
    }

    @Test
    void nothingElseIsAskedWithIt() {
        Seals.Made seal = seal(WRITE);
        for (Asked forged : new Asked[] {
            asked("PUT", "/store?key=a%20b", "If-Match", "\"5\"", Seals.CALLER, "alice:writer", Seals.CLUSTER, CLUSTER),
            asked(
                    "POST",
                    "/store?key=a%20c",
                    "If-Match",
                    "\"5\"",
                    Seals.CALLER,
                    "alice:writer",
                    Seals.CLUSTER,
                    CLUSTER),
            asked("POST", "/store?key=a%20b", Seals.CALLER, "alice:writer", Seals.CLUSTER, CLUSTER),
            asked("POST", "/store?key=a%20b", "If-Match", "\"5\"", Seals.CALLER, "alice:admin", Seals.CLUSTER, CLUSTER),
            asked("POST", "/store?key=a%20b", "If-Match", "\"5\"", Seals.CLUSTER, CLUSTER),
            asked("POST", "/store?key=a%20b", "If-Match", "\"5\"", Seals.CALLER, "alice:writer"),
        }) {
            SealRefusedException refusal = refused(seal, forged);
            assertEquals(403, refusal.status());
            assertTrue(refusal.getMessage().contains("or the request was changed on its way"), refusal.getMessage());
            assertFalse(seal.isRefusedBy(refusal.proof()), "the true one may still come, as it does here");
        }
        check(seal, WRITE);
    }

    @Test
    void aChangedSealIsRefused() {
        String text = seal(WRITE).text();
        for (int i = 0; i < text.length(); i++) {
            char changed = text.charAt(i) == '1' ? '2' : '1';
            String forged = text.substring(0, i) + changed + text.substring(i + 1);
            // The last character of a part of 32 bytes has two bits that mean nothing.
            boolean same = i == text.length() - 1 || i + 1 < text.length() && text.charAt(i + 1) == '.';
            if (!same) {
                assertThrows(SealRefusedException.class, () -> receiver.check(with(forged)), forged);
            }
        }
        for (String none : new String[] {"", "1", "2" + text.substring(1), text + ".", "......", "1......", "a b"}) {
            assertUnreadable(none);
        }
        assertUnreadable(text.replace(".bm9kZTI.", ".bm9kZTIgaXMgZG93bg."));
        assertUnreadable(text.replace(".bm9kZTI.", ".."));
        assertUnreadable(text.replace(".bm9kZTE.", ".bm9kw6kx."));
        assertTrue(receiver.check(with(text)).isPresent());
    }

    private void assertUnreadable(String seal) {
        SealRefusedException refusal = assertThrows(SealRefusedException.class, () -> receiver.check(with(seal)), seal);
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
        receiver = receiver(OTHER, 1000);
        Seals.Made seal = seal(WRITE);
        SealRefusedException refusal = refused(seal, WRITE);
        assertEquals(403, refusal.status());
        assertEquals(
                "the seal of a node is not made with the secret of node node1, or the request was changed on its way:"
                        + " give all nodes the same RAFT_NODE_SECRET",
                refusal.getMessage());
        assertFalse(seal.isRefusedBy(refusal.proof()));
        assertFalse(seal.isRefusedBy(null));
        assertFalse(seal.isRefusedBy("00"));
    }

    @ParameterizedTest
    @ValueSource(ints = {-29, 29})
    void clocksMayDifferByHalfAMinute(int seconds) {
        drift = Duration.ofSeconds(seconds);
        passed = Duration.ofMinutes(5);
        check(seal(WRITE), WRITE);
    }

    @ParameterizedTest
    @CsvSource({"31, 'behind'", "-31, 'ahead of'"})
    void clocksThatDifferMoreAreNamed(int seconds, String said) {
        drift = Duration.ofSeconds(seconds);
        passed = Duration.ofMinutes(5);
        Seals.Made seal = seal(WRITE);
        SealRefusedException refusal = refused(seal, WRITE);
        assertEquals(
                "the clock of node node2 is 31 s " + said
                        + " that of node node1, and they may differ by 30 s: set both by NTP",
                refusal.getMessage());
        assertFalse(seal.isRefusedBy(refusal.proof()), "it may have been believed before, or may still be later");
    }

    @Test
    void whatWasDoneIsNotSaidToBeUndoneWhenItComesAgainLater() throws IOException {
        Seals.Made seal = seal(WRITE);
        check(seal, WRITE);
        for (int seconds : new int[] {31, 100}) {
            passed = Duration.ofSeconds(seconds);
            assertFalse(seal.isRefusedBy(refused(seal, WRITE).proof()), seconds + " s later");
        }
        receiver = receiver(SECRET, 1000);
        assertFalse(seal.isRefusedBy(refused(seal, WRITE).proof()), "to the node that was started again");
    }

    @Test
    void whatWasSealedBeforeThisNodeHasStartedIsRefused() throws IOException {
        Seals.Made before = seal(WRITE);
        passed = Duration.ofSeconds(2);
        receiver = receiver(SECRET, 1000);
        SealRefusedException refusal = refused(before, WRITE);
        assertTrue(refusal.getMessage().startsWith("node node1 has started since"));
        assertFalse(before.isRefusedBy(refusal.proof()), "it may have been done before the start");
        check(seal(WRITE), WRITE);
    }

    @Test
    void whatIsForAnotherNodeIsMisdirected() {
        Seals.Made seal = sender.seal(WRITE, BODY, "node3").orElseThrow();
        SealRefusedException refusal = refused(seal, WRITE);
        assertEquals(421, refusal.status());
        assertEquals("this is node node1, and node node3 was asked", refusal.getMessage());
        assertTrue(seal.isRefusedBy(refusal.proof()));
        assertFalse(seal(WRITE).isRefusedBy(refusal.proof()), "the proof is of one seal");
    }

    @Test
    void whatIsForAnotherClusterIsMisdirectedSealedOrNot() {
        Asked other = asked("POST", "/store", Seals.CLUSTER, "another");
        Seals.Made seal = seal(other);
        SealRefusedException refusal = refused(seal, other);
        assertEquals(421, refusal.status());
        assertTrue(seal.isRefusedBy(refusal.proof()));
        assertEquals(
                421,
                assertThrows(SealRefusedException.class, () -> receiver.check(other))
                        .status());
        assertEquals(Optional.empty(), sender.check(other), "a node of no cluster cannot tell");
    }

    @Test
    void aSecondSecretIsBelievedSoThatTheFirstCanBeChanged() throws IOException {
        receiver = receiver(OTHER + "\n" + SECRET + "\n", 1000);
        Seals.Made old = seal(WRITE);
        check(old, WRITE);

        sender = seals("node2", SECRET + "\n" + OTHER, Duration.ZERO, 1000);
        check(seal(WRITE), WRITE);
        sender = seals("node2", OTHER, Duration.ZERO, 1000);
        check(seal(WRITE), WRITE);
        Seals.Made seal = sender.seal(WRITE, BODY, "node3").orElseThrow();
        assertTrue(seal.isRefusedBy(refused(seal, WRITE).proof()));
    }

    @Test
    void aFullMemoryRefusesAndForgetsWithTime() throws IOException {
        receiver = receiver(SECRET, 600);
        Seals.Made first = seal(WRITE);
        check(first, WRITE);
        for (int i = 1; i < 600; i++) {
            passed = Duration.ofMillis(40L * i);
            check(seal(WRITE), WRITE);
        }
        Seals.Made tooMany = seal(WRITE);
        SealRefusedException refusal = refused(tooMany, WRITE);
        assertEquals(503, refusal.status());
        assertFalse(tooMany.isRefusedBy(refusal.proof()), "it may still come through");
        assertEquals(
                "a seal of node node2 has come a second time",
                refused(first, WRITE).getMessage());

        passed = Duration.ofSeconds(72);
        check(seal(WRITE), WRITE);
        assertTrue(refused(first, WRITE).getMessage().startsWith("the clock of node node2 is 72 s behind"));
    }

    /** What the nodes of a busy cluster ask within the time that a seal is remembered, in an eighth of 256 MiB. */
    @Test
    void thirtyThousandASecondFitIntoAnEighthOfASmallHeap() {
        assertTrue(Seals.mostNonces(256L << 20) >= 30_000 * 65, () -> "" + Seals.mostNonces(256L << 20));
        assertTrue(Seals.mostNonces(1 << 20) >= 100_000);
        // A quarter of all that is enough to see it.
        int perSecond = 7_500;
        Nonces nonces = new Nonces(Seals.mostNonces(64L << 20), Duration.ofSeconds(61));
        SplittableRandom random = new SplittableRandom(1);
        long mostBytes = 0;
        for (int i = 0; i < perSecond * 80; i += 100) {
            long now = i * 1_000_000_000L / perSecond;
            long first = random.nextLong();
            assertEquals(Nonces.Fate.NEW, nonces.use(first, now));
            for (int more = 1; more < 100; more++) {
                if (nonces.use(random.nextLong(), now) != Nonces.Fate.NEW) {
                    throw new AssertionError("refused after " + (i + more));
                }
            }
            assertEquals(Nonces.Fate.USED, nonces.use(first, now));
            mostBytes = Math.max(mostBytes, nonces.bytes());
        }
        assertTrue(mostBytes <= 8 << 20, mostBytes + " bytes");
    }

    @Test
    void withoutASecretNothingIsSealedAndNoSealIsBelieved() {
        Seals without = Seals.none("node1");
        assertEquals(Optional.empty(), without.seal(WRITE, BODY, "node2"));
        assertEquals(Optional.empty(), without.seal(WRITE, BODY, ""));
        assertEquals(Optional.empty(), without.check(sealed(seal(WRITE), WRITE)));

        Asked look = asked("GET", "/raft/stats");
        Seals.Made own = without.seal(look, new byte[0], "node1").orElseThrow();
        assertEquals(Optional.empty(), Seals.none("node1").check(sealed(own, look)), "another process of its name");
        assertEquals(
                new Caller("node1", Set.of(UserRole.NODE)),
                without.check(sealed(own, look)).orElseThrow().caller());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "alice|ADMIN,NODE|alice:admin",
                "a:b,c é|READER,METRICS|a%3Ab%2Cc+%C3%A9:reader,metrics",
                "node2|NODE|node2:"
            })
    void aCallerIsPassedOnWithoutTheRoleOfANode(String name, String roles, String text) {
        Set<UserRole> has =
                Set.of(roles.split(",")).stream().map(UserRole::valueOf).collect(Collectors.toSet());
        assertEquals(text, PassedOn.text(new Caller(name, has)));
        has.remove(UserRole.NODE);
        assertEquals(new Caller(name, has), PassedOn.caller(text));
    }

    @Test
    void whoIsNotKnownGetsNoRoles() {
        assertEquals("anybody:", PassedOn.text(Caller.ANYBODY));
        assertEquals(Set.of(), PassedOn.caller("eve:node,root,").roles());
        assertEquals(Set.of(), PassedOn.caller("%zz:admin").roles());
    }
}
