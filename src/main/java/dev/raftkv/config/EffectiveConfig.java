package dev.raftkv.config;

import java.util.List;

/**
 * A configuration with its history, for the log: each setting with its value and where it came from, a line each.
 *
 * @param given those that somebody has set
 * @param defaults the others
 */
public record EffectiveConfig(NodeConfig node, List<String> given, List<String> defaults) {}
