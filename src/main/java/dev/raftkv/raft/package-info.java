/**
 * Raft: the only user of Apache Ratis. {@link dev.raftkv.raft.RaftNode} runs this node's Raft server and replicates
 * commands through it, {@link dev.raftkv.raft.KvStateMachine} applies them; {@link dev.raftkv.raft.CurrentGroup} is the
 * group that the node is in, {@link dev.raftkv.raft.Standing} whether it may serve; {@link dev.raftkv.raft.Membership}
 * changes who belongs to the cluster. May import {@code model},
 * {@code config}, {@code meter}, {@code codec}, {@code store}, {@code machine} and {@code kv}.
 *
 * <p>Threads: callers never block here. One thread hands commands to Ratis, Ratis' own threads append and apply, a few
 * threads complete the callers' futures, two do what is due, and each periodic task that may have to wait has a thread of its
 * own ({@link dev.raftkv.raft.NodeThreads}): what expires keys, what looks whether work on the log goes on
 * ({@link dev.raftkv.raft.LogProgress}), what looks after the node; one changes the membership.
 */
package dev.raftkv.raft;
