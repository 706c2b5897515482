package dev.raftkv.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.kv.ClusterClock.Stamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes with clocks of their own around one log, in a time that the test makes. */
class ClusterClockTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final List<Made> log = new ArrayList<>();
    private long real;

    /** An entry of the log: its time, the real moment at which it was made, who made it and with which stamp. */
    private record Made(Stamp stamp, long at, Node by, int run) {}

    /** A node of which only the clock is real. */
    private final class Node {
        private final long start;
        private long date;
        private ClusterClock clock;
        private int applied;
        private int run;

        Node(long start, long date) {
            this.start = start;
            this.date = date;
            restart(0);
        }

        /** The store that it opens has applied so many entries. */
        void restart(int stored) {
            run++;
            clock = new ClusterClock(() -> start + real, () -> date + real / 1_000_000);
            clock.reset(effective(stored));
            applied = stored;
        }

        void apply(int upTo) {
            for (; applied < upTo; applied++) {
                Made entry = log.get(applied);
                if (entry.by == this && entry.run == run) {
                    clock.applied(entry.stamp);
                } else {
                    clock.applied(entry.stamp.time());
                }
            }
        }

        /** As a leader that has applied what its predecessors made. */
        Made make() {
            Made entry = new Made(clock.stamp(), real, this, run);
            log.add(entry);
            return entry;
        }
    }

    /** The time of the store when it has applied so many entries. */
    private long effective(int entries) {
        return log.subList(0, entries).stream()
                .mapToLong(entry -> entry.stamp.time())
                .max()
                .orElse(0);
    }

    private Node lead(Node node) {
        node.apply(log.size());
        return node;
    }

    /** What a key stored by the one entry has lived for the store when the other is applied, in milliseconds. */
    private long age(Made stored, Made later) {
        return effective(log.indexOf(later) + 1) - effective(log.indexOf(stored) + 1);
    }

    private void pass(Duration time) {
        real += time.toNanos();
    }

    /** A ttl of 20 s was over after 2.4 s. */
    @Test
    void aLeaderThatWasAwayGivesOutNoDeadlinesThatOthersAreAheadOf() {
        Node first = new Node(7 * SECOND, 1_000_000);
        Node away = new Node(5 * SECOND, 1_000_000);
        first.make();
        first.apply(1);
        away.apply(1);
        pass(Duration.ofSeconds(60));
        away.restart(1);
        Made stored = lead(away).make();
        first.apply(log.size());
        pass(Duration.ofSeconds(2));
        Made next = lead(first).make();
        assertEquals(2000, age(stored, next));
        pass(Duration.ofSeconds(18));
        assertEquals(20_000, age(stored, first.make()));
    }

    @Test
    void anIdleLeaderAndItsFollowersDoNotLag() {
        Node leader = new Node(0, 1_000_000);
        Node follower = new Node(3, 50);
        Made first = leader.make();
        leader.apply(1);
        follower.apply(1);
        pass(Duration.ofDays(2));
        Made second = lead(follower).make();
        assertEquals(Duration.ofDays(2).toMillis(), age(first, second));
        assertEquals(Duration.ofDays(2).toMillis(), leader.clock.silence());
    }

    @Test
    void aSteadyFlowOfEntriesThatAreAppliedLateSlowsNothing() {
        Node leader = new Node(-5, 1_000_000);
        Made first = leader.make();
        for (int i = 1; i < 20_000; i++) {
            real += 333_333;
            leader.make();
            leader.apply(Math.max(0, i - 20));
        }
        long passed = real / 1_000_000;
        assertEquals(passed, leader.clock.stamp().time() - first.stamp.time(), 1);
    }

    @Test
    void aStampWhoseEntryIsLostDoesNotCount() {
        Node ahead = new Node(0, 9_000_000);
        Node other = new Node(0, 1_000_000);
        ahead.clock.stamp();
        Made stored = other.make();
        other.apply(1);
        pass(Duration.ofSeconds(3));
        assertTrue(age(stored, lead(ahead).make()) <= 3000);
    }

    @Test
    void theTimeOfANodeWithoutEntriesIsNotKnown() {
        Node node = new Node(0, 1_000_000);
        assertEquals(0, node.clock.now());
        assertEquals(0, node.clock.silence());
        node.clock.applied(0);
        assertEquals(0, node.clock.now());
        assertEquals(1_000_000, node.clock.stamp().time());
    }

    /** Any leaders, idle times, restarts, slow followers, lost entries and steps of the date. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void timeNeverPassesFasterThanItDoes(long seed) {
        Random random = new Random(seed);
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            nodes.add(new Node(random.nextLong() >> 2, 1_000_000 + random.nextInt(100_000)));
        }
        Node leader = nodes.get(0);
        while (log.size() < 600) {
            Node any = nodes.get(random.nextInt(nodes.size()));
            real += (long) (Math.pow(random.nextDouble(), 8) * 100 * SECOND);
            switch (random.nextInt(12)) {
                case 0 -> leader = lead(any);
                case 1 -> {
                    // Its store holds what it has applied, or less; its log brings the rest when it is needed.
                    any.restart(random.nextInt(any.applied + 1));
                    leader = any == leader ? lead(nodes.get(random.nextInt(nodes.size()))) : leader;
                }
                case 2 -> any.date += random.nextInt(-5_000_000, 5_000_000);
                case 3 -> leader.clock.stamp();
                case 4, 5, 6 -> any.apply(any.applied + random.nextInt(log.size() - any.applied + 1));
                default -> leader.make();
            }
        }
        long[] effective = new long[log.size()];
        for (int k = 0; k < log.size(); k++) {
            effective[k] =
                    Math.max(k == 0 ? 0 : effective[k - 1], log.get(k).stamp.time());
            for (int j = 0; j < k; j++) {
                double passed = (log.get(k).at - log.get(j).at) / 1e6;
                assertTrue(effective[k] - effective[j] <= passed + 1, "from entry " + j + " to entry " + k);
            }
        }
    }
}
