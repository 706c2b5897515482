package dev.raftkv.config;

import java.util.List;

/**
 * A configuration with its history.
 *
 * @param description for the log: each setting with its value and where it came from, a line each
 */
public record EffectiveConfig(NodeConfig node, List<String> description) {}
