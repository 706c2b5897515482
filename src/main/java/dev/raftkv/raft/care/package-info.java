/**
 * What a node has to be looked after for, one duty a class; {@link dev.raftkv.raft.care.Care} does the round, once a second,
 * on a thread of its own, as a duty may wait for the disk or for other nodes. May import {@code raft.members} and what is
 * below it.
 */
package dev.raftkv.raft.care;
