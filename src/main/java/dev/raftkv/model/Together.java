package dev.raftkv.model;

import java.util.List;
import java.util.Optional;

/**
 * What several keys were at one revision.
 *
 * @param entries in the order in which the keys were asked for; empty where there was no such key
 */
public record Together(List<Optional<Entry>> entries, long revision) {}
