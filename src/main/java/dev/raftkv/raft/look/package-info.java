/**
 * A look inside, for those who ask: the entries of this node's Raft log, and the latest things that have happened to it; and
 * what it sees of a leader whose process has ended. May import {@code raft.ratis} and {@code raft.disk}. Threads: whoever asks
 * reads files, or a member's port; whoever has news leaves it here and never waits.
 */
package dev.raftkv.raft.look;
