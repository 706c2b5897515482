package dev.raftkv.raft.look;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Address;
import dev.raftkv.raft.look.Heirs.Followed;
import dev.raftkv.raft.look.Heirs.Heir;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.testkit.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.server.protocol.TermIndex;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whom a voter lets stand for election before its leader was silent for long. */
class HeirsTest {
    private static final Duration ELECTION = Duration.ofSeconds(1);
    private static final long TERM = 4;
    private static final TermIndex LAST = TermIndex.valueOf(TERM, 20);
    private static final Heir A = new Heir("a@h:1", TERM, LAST);
    private static final Heir B = new Heir("b@h:1", TERM, LAST);
    private static final Heir C = new Heir("c@h:1", TERM, LAST);

    private final AtomicLong now = new AtomicLong();
    private final Callers callers = new Callers();
    private final Heirs heirs = new Heirs(callers, ELECTION, now::get);
    private PeerName leader;
    private Followed followed;

    @BeforeEach
    void theLeaderHasGone() throws IOException {
        leader = at(FreePorts.take(1).get(0));
        followed = new Followed(leader, TERM, LAST);
        callers.came(leader.id().toByteString());
        callers.went(leader.id().toByteString());
    }

    private static PeerName at(int port) {
        return new PeerName("leader", new Address("127.0.0.1", port));
    }

    @Test
    void whoFindsTheLeaderGoneIsLetIfTheVoterFindsItTooAndWouldVote() throws Exception {
        assertFalse(heirs.allows(new Heir("a@h:1", TERM - 1, LAST), followed), "another leader's term");
        assertFalse(heirs.allows(new Heir("a@h:1", TERM, TermIndex.valueOf(TERM, 19)), followed), "a shorter log");
        assertFalse(heirs.allows(new Heir(leader.toString(), TERM, LAST), followed), "the leader itself");
        assertTrue(heirs.allows(A, followed));
    }

    @Test
    void aLeaderThatNobodyHasHeardEndIsNotGone() throws Exception {
        PeerName silent = at(FreePorts.take(1).get(0));
        assertFalse(heirs.allows(A, new Followed(silent, TERM, LAST)), "it was never connected");
        callers.came(leader.id().toByteString());
        callers.came(leader.id().toByteString());
        callers.went(leader.id().toByteString());
        assertFalse(heirs.allows(A, followed), "one of its connections is there");
        callers.went(leader.id().toByteString());
        assertTrue(heirs.allows(A, followed));
    }

    @Test
    void aLeaderThatListensIsNotGone() throws Exception {
        try (ServerSocket port = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            PeerName listening = at(port.getLocalPort());
            callers.came(listening.id().toByteString());
            callers.went(listening.id().toByteString());
            assertFalse(heirs.allows(A, new Followed(listening, TERM, LAST)));
        }
    }

    @Test
    void oneAtATimeIsLetForAnElectionTimeout() throws Exception {
        assertTrue(heirs.allows(B, followed));
        assertFalse(heirs.allows(A, followed), "B may be about to stand");
        assertFalse(heirs.begin(C), "this node itself waits, too");
        assertTrue(heirs.allows(B, followed), "it asks again");
        now.addAndGet(ELECTION.toNanos() + 1);
        assertTrue(heirs.allows(A, followed));
    }

    @Test
    void anotherTermIsAnotherMatter() throws Exception {
        assertTrue(heirs.allows(B, followed));
        Heir later = new Heir("a@h:1", TERM + 1, TermIndex.valueOf(TERM + 1, 30));
        assertTrue(heirs.allows(later, new Followed(leader, TERM + 1, LAST)));
    }

    @Test
    void ofTwoThatAskAtOnceTheBetterOneIsLet() throws Exception {
        assertTrue(heirs.begin(B));
        assertFalse(heirs.allows(C, followed), "this node comes first");
        assertTrue(
                heirs.allows(new Heir("c@h:1", TERM, TermIndex.valueOf(TERM, 21)), followed), "its log goes further");

        Heirs other = new Heirs(callers, ELECTION, now::get);
        assertTrue(other.begin(B));
        assertTrue(other.allows(A, followed), "it comes first");
        other.end(false);
        assertFalse(other.begin(B), "A may be about to stand");
    }

    @Test
    void whoStandsLetsNobodyElse() throws Exception {
        assertTrue(heirs.begin(B));
        heirs.end(true);
        assertFalse(heirs.allows(A, followed), "though it comes first");

        Heirs other = new Heirs(callers, ELECTION, now::get);
        assertTrue(other.begin(B));
        other.end(false);
        assertTrue(other.allows(C, followed), "B has not been let");
    }
}
