package dev.raftkv.raft.log;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LeaderLeaseTest {
    private final LeaderLease lease = new LeaderLease(Duration.ofHours(1));

    @Test
    void beginsInvalid() {
        assertFalse(lease.isValid());
    }

    @Test
    void isValidForPartOfAnElectionTimeoutSinceAnEntryWasMade() {
        LeaderLease soonOver = new LeaderLease(Duration.ofMillis(4));
        long made = System.nanoTime();
        soonOver.extend(made);
        lease.extend(made);
        eventually(Duration.ofSeconds(10), () -> assertFalse(soonOver.isValid()));
        assertTrue(lease.isValid());
    }

    @Test
    void isInvalidWhileTheLeadershipIsHandedOver() {
        lease.revoke();
        lease.extend(System.nanoTime());
        assertFalse(lease.isValid());
    }

    /** The successor may have been elected by those who had accepted them. */
    @Test
    void entriesMadeBeforeItWasRenewedDoNotCount() {
        long before = System.nanoTime();
        lease.extend(before);
        lease.revoke();
        lease.renew();
        assertFalse(lease.isValid());
        lease.extend(before);
        assertFalse(lease.isValid());
        lease.extend(System.nanoTime());
        assertTrue(lease.isValid());
    }
}
