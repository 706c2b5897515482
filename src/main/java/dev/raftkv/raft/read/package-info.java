/**
 * How a node knows that what it reads is not old: {@link dev.raftkv.raft.read.LeaderReads} asks a majority of the voters,
 * {@link dev.raftkv.raft.read.FollowerReads} asks the leader. {@code TermRounds} says why a round of
 * questions proves it; DESIGN.md beside {@code dev.raftkv.raft} has the proof, and what it rests on. Nothing here waits. May
 * import {@code raft.ratis}, {@code raft.wire} and {@code raft.log}.
 */
package dev.raftkv.raft.read;
