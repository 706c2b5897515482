package dev.raftkv.store;

/**
 * Why a session cannot have a key now.
 *
 * @param sentence half of one, for users
 * @param until the cluster time in milliseconds from which on it is over by itself; {@link Long#MAX_VALUE} for never
 */
public record Obstacle(String sentence, long until) {}
