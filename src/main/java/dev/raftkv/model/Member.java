package dev.raftkv.model;

import java.util.Optional;

/**
 * One node of a cluster's latest configuration.
 *
 * @param httpAddress where it answers HTTP, absolute URL without a trailing slash; empty until it has said so
 * @param voter false for a learner
 */
public record Member(String nodeId, Address raftAddress, Optional<String> httpAddress, boolean voter) {}
