/**
 * Raft: the only user of Apache Ratis. {@link dev.raftkv.raft.RaftNode} runs this node's Raft server and replicates
 * commands through it, {@link dev.raftkv.raft.KvStateMachine} applies them; {@link dev.raftkv.raft.CurrentGroup} is the
 * group that the node is in, {@link dev.raftkv.raft.Standing} whether it may serve; {@link dev.raftkv.raft.Membership}
 * changes who belongs to the cluster. May import {@code model},
 * {@code config}, {@code meter}, {@code codec}, {@code store}, {@code machine} and {@code kv}.
 *
 * <p>Threads: callers never block here. One thread hands commands to Ratis, Ratis' own threads append and apply, a few
 * threads complete the callers' futures, one thread watches the node, one changes the membership.
 */
package dev.raftkv.raft;
