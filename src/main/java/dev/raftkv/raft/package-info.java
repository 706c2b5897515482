/**
 * Raft: the only user of Apache Ratis. {@link dev.raftkv.raft.RaftNode} puts the pieces of a node together, starts and stops
 * them. The pieces are in rooms, each of which uses those before it: {@code ratis} (the server and the transport),
 * {@code log} (the way of a write) and {@code disk} (what is there at the start), {@code group} (the group that the node is
 * in), {@code members} (who belongs to it and who leads), {@code care} (what a node has to be looked after for). May import
 * {@code model}, {@code config}, {@code meter}, {@code codec}, {@code store}, {@code machine} and {@code kv}.
 *
 * <p>Callers never block here; {@link dev.raftkv.raft.NodeThreads} says who may. DESIGN.md tells the ways through the rooms.
 */
package dev.raftkv.raft;
