/**
 * Ratis as this project has it: its settings, its failures as answers, the names of members, what it measures and the
 * threads it leaves, mended where it keeps a cluster without a leader (DESIGN.md beside {@code dev.raftkv.raft}). May import
 * nothing else of {@code raft}.
 */
package dev.raftkv.raft.ratis;
