package dev.raftkv.raft.look;

import java.time.Instant;

/** @param id grows from event to event, over restarts of the node too, and is below 2^53 */
public record Event(long id, Instant time, Happening what) {}
