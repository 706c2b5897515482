package dev.raftkv.lab;

import java.io.IOException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** Members that go and come, also while something else happens. Each method ends when the node is to be a member again. */
final class MemberFaults {
    private static final int MOST_JOIN_MILLIS = 600;

    private final LabCluster cluster;
    private final Journal journal;

    MemberFaults(LabCluster cluster, Journal journal) {
        this.cluster = cluster;
        this.journal = journal;
    }

    void rejoin(int victim, int millis) throws InterruptedException {
        remove(victim);
        Pause.millis(millis);
        cluster.join(victim);
        journal.say(name(victim) + " is joined again");
    }

    /** With RAFT_JOIN it asks for that itself. */
    void rejoinEmpty(int victim, int millis) throws IOException, InterruptedException {
        remove(victim);
        loseData(victim);
        Pause.millis(millis);
        cluster.node(victim).start();
        journal.say(name(victim) + " starts without its data");
    }

    void joinWhileTheLeaderStalls(int victim, Step step) throws IOException, InterruptedException {
        Random random = step.random();
        beginJoin(victim, random);
        Pause.millis(random.nextInt(MOST_JOIN_MILLIS));
        int leader = cluster.awaitLeader();
        cluster.node(leader).pause();
        journal.say(name(leader) + " stands still during the join");
        try {
            Pause.millis(step.millis());
        } finally {
            cluster.node(leader).resume();
        }
        endJoin(victim);
    }

    void joinWhileOneIsKilled(int victim, Step step) throws IOException, InterruptedException {
        Random random = step.random();
        beginJoin(victim, random);
        Pause.millis(random.nextInt(MOST_JOIN_MILLIS));
        int killed = step.leader() ? cluster.awaitLeader() : victim;
        cluster.node(killed).kill();
        journal.say(name(killed) + " is killed during the join");
        Pause.millis(step.millis());
        cluster.node(killed).start();
        endJoin(victim);
    }

    private void beginJoin(int victim, Random random) throws IOException, InterruptedException {
        remove(victim);
        if (random.nextBoolean()) {
            loseData(victim);
            cluster.node(victim).start();
            journal.say(name(victim) + " starts without its data, and asks to be joined");
        } else {
            CompletableFuture.runAsync(() -> {
                try {
                    journal.say("join of " + name(victim) + ": " + cluster.tryJoin(victim));
                } catch (IOException | AssertionError e) {
                    journal.say("join of " + name(victim) + ": " + e);
                }
            });
            journal.say(name(victim) + " is being joined");
        }
    }

    /** As an operator does who sees that it is no member: the answer to his order may have been lost. */
    private void endJoin(int victim) {
        cluster.join(victim);
        journal.say(name(victim) + " is a member");
    }

    private void remove(int victim) {
        cluster.remove(victim);
        journal.say(name(victim) + " is removed");
    }

    private void loseData(int victim) throws IOException {
        cluster.node(victim).kill();
        cluster.node(victim).loseData();
    }

    private String name(int node) {
        return cluster.node(node).id();
    }
}
