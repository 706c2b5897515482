package dev.raftkv.lab.history;

/**
 * That a node led in a term, as it said itself.
 *
 * @param node its number
 * @param seen after its first answer that says so, by {@link System#nanoTime} of the clients' JVM
 */
public record Leading(int node, long term, long seen) {}
