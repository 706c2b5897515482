package dev.raftkv.lab.work;

import dev.raftkv.testkit.Access;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * How much work there is.
 *
 * @param seed what the clients do comes from it
 * @param access to the nodes
 * @param nodes the base URL of each node, such as {@code http://127.0.0.1:2221}, which stays for the whole run
 * @param prefix how all keys begin, so that nothing else changes them
 * @param clients how many work at the same time
 * @param watchers how many watch at the same time, at least 2: the first two watch all keys
 * @param keys how many keys are in use at the same time
 * @param operationsPerKey after how many operations a key is left alone, and another taken in its place
 * @param counterClients how many count at the same time, in lanes of their own
 * @param holders how many have a session at the same time
 * @param contenders how many want the same locks at the same time
 * @param pause how long a client rests between two operations, on average
 * @param deadline how long a client waits for an answer
 */
public record Plan(
        long seed,
        Access access,
        List<URI> nodes,
        String prefix,
        int clients,
        int watchers,
        int keys,
        int operationsPerKey,
        int counterClients,
        int holders,
        int contenders,
        Duration pause,
        Duration deadline) {
    /** What a small machine can bear beside three nodes. */
    public static Plan usual(long seed, Access access, List<URI> nodes) {
        return new Plan(
                seed,
                access,
                List.copyOf(nodes),
                "w/",
                10,
                6,
                6,
                100,
                4,
                8,
                6,
                Duration.ofMillis(15),
                Duration.ofSeconds(5));
    }

    /** Clients of Consul only: many sessions, and few locks that several want. */
    public static Plan ofConsul(long seed, Access access, List<URI> nodes) {
        return new Plan(
                seed,
                access,
                List.copyOf(nodes),
                "w/",
                0,
                0,
                0,
                0,
                0,
                24,
                6,
                Duration.ofMillis(15),
                Duration.ofSeconds(5));
    }

    /** One of the nodes, by chance. */
    String anyNode(Random random) {
        return nodes.get(random.nextInt(nodes.size())).toString();
    }
}
