package dev.raftkv.bench.load;

/**
 * How much is asked for, and for how long.
 *
 * @param connections with one request under way each, &ge; 1
 * @param warmUp the time before that which counts, in seconds
 * @param seconds how long it counts, at most
 */
public record Load(Operation operation, int connections, double warmUp, double seconds) {}
