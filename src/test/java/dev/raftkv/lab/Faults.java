package dev.raftkv.lab;

import dev.raftkv.lab.fault.NodeClock;
import dev.raftkv.lab.fault.SmallDisk;
import dev.raftkv.lab.fault.TornTail;
import dev.raftkv.lab.fault.Traffic;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Carries out the steps of a schedule. When a step has been run nothing is broken any more, but nobody has waited for it. */
final class Faults {
    private static final int LEAST_FLAP_MILLIS = 100;
    private static final int MOST_FLAP_MILLIS = 1_000;
    private static final int MOST_JUMP_SECONDS = 3_600;

    private final LabCluster cluster;
    private final Journal journal;
    private final LinkFaults links;
    private final MemberFaults members;
    private final Optional<SmallDisk> disk;
    private final long diskLimit;

    /**
     * @param disk that of the last node, if it is a small one
     * @param diskLimit below how many free bytes a node takes no writes
     */
    Faults(LabCluster cluster, Journal journal, Optional<SmallDisk> disk, long diskLimit) {
        this.cluster = cluster;
        this.journal = journal;
        this.links = new LinkFaults(cluster);
        this.members = new MemberFaults(cluster, journal);
        this.disk = disk;
        this.diskLimit = diskLimit;
    }

    /** Why this kind cannot be tried here, if so. */
    Optional<String> obstacle(FaultKind kind) {
        String why = switch (kind) {
            case SLOW -> cluster.network().obstacleToSlow();
            case CLOCK -> NodeClock.library().isPresent() ? "" : "libfaketime is not installed";
            case DISK_LOW, DISK_FULL ->
                disk.isPresent() ? "" : SmallDisk.obstacle().orElse("");
            default -> "";
        };
        return Optional.of(why).filter(text -> !text.isEmpty());
    }

    /** @throws AssertionError if the cluster did not do in time what was asked of it */
    void run(Step step) throws IOException, InterruptedException {
        int victim = cluster.victim(step);
        Random random = step.random();
        switch (step.kind()) {
            case CUT_OFF -> link(step, () -> links.cutOff(victim, Traffic.ALL));
            case RAFT_ONLY -> link(step, () -> links.cutOff(victim, Traffic.RAFT) + " for Raft");
            case HTTP_ONLY -> link(step, () -> links.cutOff(victim, Traffic.HTTP) + " for HTTP");
            case HALVES -> link(step, () -> links.halves(victim, random));
            case ALL_APART -> link(step, links::allApart);
            case ONE_WAY -> link(step, () -> links.oneWay(victim, random));
            case BRIDGE -> link(step, () -> links.bridge(victim, random));
            case SLOW -> link(step, () -> links.slow(victim, random));
            case LOSSY -> link(step, () -> links.lossy(victim, random));
            case FLAPPING -> flap(victim, step);
            case KILL -> kill(List.of(victim), step);
            case KILL_MAJORITY -> kill(majority(victim), step);
            case KILL_ALL -> kill(all(), step);
            case PAUSE -> stall(victim, step);
            case TERMINATE -> terminate(victim, step.millis());
            case ROLLING -> roll();
            case REJOIN -> members.rejoin(victim, step.millis());
            case REJOIN_EMPTY -> members.rejoinEmpty(victim, step.millis());
            case JOIN_STALLED -> members.joinWhileTheLeaderStalls(victim, step);
            case JOIN_KILLED -> members.joinWhileOneIsKilled(victim, step);
            case CLOCK -> jump(victim, step);
            case DISK_LOW -> fill(diskLimit / 2, step);
            case DISK_FULL -> fill(0, step);
            case TORN_TAIL -> tear(victim, step);
        }
    }

    @FunctionalInterface
    private interface LinkFault {
        String strike() throws IOException;
    }

    private void link(Step step, LinkFault fault) throws IOException, InterruptedException {
        try {
            journal.say(fault.strike());
            Pause.millis(step.millis());
        } finally {
            links.heal();
            journal.say("the links are healed");
        }
    }

    private void flap(int victim, Step step) throws IOException, InterruptedException {
        Random random = step.random();
        journal.say("the links of " + name(victim) + " come and go");
        long end = System.nanoTime() + step.millis() * 1_000_000L;
        try {
            while (System.nanoTime() < end) {
                links.cutOff(victim, Traffic.ALL);
                Pause.millis(random.nextInt(LEAST_FLAP_MILLIS, MOST_FLAP_MILLIS));
                links.heal();
                Pause.millis(random.nextInt(LEAST_FLAP_MILLIS, MOST_FLAP_MILLIS));
            }
        } finally {
            links.heal();
            journal.say("the links are healed");
        }
    }

    private List<Integer> majority(int victim) {
        List<Integer> some = new ArrayList<>(cluster.others(victim).subList(0, cluster.size() / 2));
        some.add(victim);
        return some;
    }

    private List<Integer> all() {
        List<Integer> all = new ArrayList<>(cluster.others(0));
        all.add(0);
        return all;
    }

    private void kill(List<Integer> victims, Step step) throws IOException, InterruptedException {
        for (int victim : victims) {
            cluster.node(victim).kill();
            journal.say(name(victim) + " is killed");
        }
        Pause.millis(step.millis());
        for (int victim : victims) {
            cluster.node(victim).start();
        }
        journal.say("the killed are started");
    }

    private void stall(int victim, Step step) throws IOException, InterruptedException {
        cluster.node(victim).pause();
        journal.say(name(victim) + " stands still");
        try {
            Pause.millis(step.millis());
        } finally {
            cluster.node(victim).resume();
            journal.say(name(victim) + " goes on");
        }
    }

    private void terminate(int victim, int millis) throws IOException, InterruptedException {
        journal.say(name(victim) + " is asked to stop");
        try {
            cluster.node(victim).terminate();
            journal.say(name(victim) + " has stopped");
        } catch (IllegalStateException e) {
            journal.find(name(victim) + " did not stop within 30 s of SIGTERM");
        }
        Pause.millis(millis);
        cluster.node(victim).start();
        journal.say(name(victim) + " is started");
    }

    /** The next one only when all are ready, as an operator does. */
    private void roll() throws IOException, InterruptedException {
        for (int victim = 0; victim < cluster.size(); victim++) {
            terminate(victim, 0);
            cluster.awaitReady();
        }
    }

    private void jump(int victim, Step step) throws IOException, InterruptedException {
        int seconds = step.random().nextInt(-MOST_JUMP_SECONDS, MOST_JUMP_SECONDS);
        cluster.node(victim).clock().jump(seconds);
        journal.say("the clock of " + name(victim) + " jumps by " + seconds + " s");
        try {
            Pause.millis(step.millis());
        } finally {
            cluster.node(victim).clock().jump(0);
            journal.say("it jumps back");
        }
    }

    private void fill(long leave, Step step) throws IOException, InterruptedException {
        int victim = cluster.size() - 1;
        try {
            disk.orElseThrow().fill(leave);
            journal.say(
                    "the disk of " + name(victim) + " has " + disk.orElseThrow().free() + " bytes left");
            Pause.millis(step.millis());
        } finally {
            disk.orElseThrow().empty();
            journal.say("the disk of " + name(victim) + " has space again");
        }
    }

    private void tear(int victim, Step step) throws IOException, InterruptedException {
        Random random = step.random();
        TornTail.Kind kind = TornTail.Kind.values()[random.nextInt(TornTail.Kind.values().length)];
        cluster.node(victim).kill();
        journal.say(name(victim) + " is killed; the end of its log: "
                + TornTail.tear(cluster.node(victim).data(), kind, random));
        Pause.millis(step.millis());
        cluster.node(victim).start();
        journal.say(name(victim) + " is started");
    }

    private String name(int node) {
        return cluster.node(node).id();
    }
}
