package dev.raftkv.lab;

import dev.raftkv.lab.fault.Network;
import dev.raftkv.lab.fault.Traffic;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Faults of the links. Each method says in words what it did, and {@link #heal} undoes it. */
final class LinkFaults {
    private static final int LEAST_SLOW_MILLIS = 100;
    private static final int MOST_SLOW_MILLIS = 500;
    private static final int LEAST_LOSS = 10;
    private static final int MOST_LOSS = 30;

    private final LabCluster cluster;
    private final Network network;

    LinkFaults(LabCluster cluster) {
        this.cluster = cluster;
        this.network = cluster.network();
    }

    String cutOff(int victim, Traffic traffic) throws IOException {
        apart(List.of(victim), cluster.others(victim), traffic);
        return name(victim) + " is cut off";
    }

    String halves(int victim, Random random) throws IOException {
        List<Integer> others = shuffled(victim, random);
        int minority = cluster.size() / 2;
        List<Integer> few = new ArrayList<>(others.subList(0, minority - 1));
        few.add(victim);
        List<Integer> many = others.subList(minority - 1, others.size());
        apart(few, many, Traffic.ALL);
        return names(few) + " | " + names(many);
    }

    String allApart() throws IOException {
        for (int node = 0; node < cluster.size(); node++) {
            for (int other : cluster.others(node)) {
                network.cut(node, other, Traffic.ALL);
            }
        }
        return "nobody reaches anybody";
    }

    String oneWay(int victim, Random random) throws IOException {
        boolean deaf = random.nextBoolean();
        for (int other : cluster.others(victim)) {
            network.cut(deaf ? other : victim, deaf ? victim : other, Traffic.ALL);
        }
        return name(victim) + (deaf ? " hears nobody" : " is heard by nobody");
    }

    /** The one between is never the victim, which is thus on one side. */
    String bridge(int victim, Random random) throws IOException {
        List<Integer> others = shuffled(victim, random);
        int between = others.remove(0);
        int half = others.size() / 2;
        List<Integer> left = new ArrayList<>(others.subList(0, half));
        left.add(victim);
        List<Integer> right = others.subList(half, others.size());
        apart(left, right, Traffic.ALL);
        return names(left) + " | " + names(right) + ", and " + name(between) + " reaches all";
    }

    String slow(int victim, Random random) throws IOException {
        int millis = random.nextInt(LEAST_SLOW_MILLIS, MOST_SLOW_MILLIS + 1);
        network.slow(victim, Duration.ofMillis(millis));
        return "what " + name(victim) + " sends comes " + millis + " ms later";
    }

    String lossy(int victim, Random random) throws IOException {
        int percent = random.nextInt(LEAST_LOSS, MOST_LOSS + 1);
        network.lossy(victim, percent);
        return percent + " of 100 packets of " + name(victim) + " are lost";
    }

    void heal() throws IOException {
        network.heal();
    }

    private void apart(List<Integer> some, List<Integer> others, Traffic traffic) throws IOException {
        for (int one : some) {
            for (int other : others) {
                network.cut(one, other, traffic);
                network.cut(other, one, traffic);
            }
        }
    }

    private List<Integer> shuffled(int victim, Random random) {
        List<Integer> others = cluster.others(victim);
        Collections.shuffle(others, random);
        return others;
    }

    private String name(int node) {
        return cluster.node(node).id();
    }

    private String names(List<Integer> some) {
        return String.join("+", some.stream().map(this::name).toList());
    }
}
