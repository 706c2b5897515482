/**
 * Raft: the only user of Apache Ratis. {@link dev.raftkv.raft.RaftNode} puts the pieces of a node together, starts and stops
 * them. The pieces are in rooms, each of which uses those before it: {@code ratis} (the server and the transport),
 * {@code log} (the way of a write) and {@code disk} (what is there at the start), {@code group} (the group that the node is
 * in), {@code members} (who belongs to it and who leads), {@code care} (what a node has to be looked after for). May import
 * {@code model}, {@code config}, {@code meter}, {@code codec}, {@code store}, {@code machine} and {@code kv}.
 *
 * <p>Threads: callers never block here. One thread hands commands to Ratis, Ratis' own threads append and apply, a few
 * threads complete the callers' futures, two do what is due, and each periodic task that may have to wait has a thread of its
 * own ({@link dev.raftkv.raft.NodeThreads}): what expires keys, what looks whether work on the log goes on
 * ({@link dev.raftkv.raft.log.LogProgress}), what looks after the node; one changes the membership.
 */
package dev.raftkv.raft;
