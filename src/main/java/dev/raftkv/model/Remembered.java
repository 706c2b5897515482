package dev.raftkv.model;

/**
 * A request that was applied, for its repetitions.
 *
 * @param time the cluster time at which it was applied, in milliseconds
 */
public record Remembered(RequestId id, long time, Outcome outcome) {}
