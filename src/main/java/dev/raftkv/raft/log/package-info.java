/**
 * The way of a write into this leader's log, and of its outcome back: {@link dev.raftkv.raft.log.GroupCommit} gathers,
 * {@link dev.raftkv.raft.log.Proposer} hands over to Ratis, {@link dev.raftkv.raft.log.Proposal} brings the outcomes; and what
 * rests on that way: barriers, the lease, and whether it goes on at all. May import {@code raft.ratis}.
 */
package dev.raftkv.raft.log;
