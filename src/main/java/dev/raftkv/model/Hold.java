package dev.raftkv.model;

import java.util.UUID;

/**
 * That a session has a key.
 *
 * @param token the store revision at which it got the key: it stays the same for as long as this session has it, and whoever
 *     has the key later has a greater one, also if the key was removed meanwhile, or all was restored
 */
public record Hold(UUID session, long token) {}
