/**
 * The group that this node is in: {@link dev.raftkv.raft.group.KvStateMachine} applies what it commits,
 * {@link dev.raftkv.raft.group.CurrentGroup} knows whether the node is a member, {@link dev.raftkv.raft.group.Standing} what it
 * may do now, {@link dev.raftkv.raft.group.GroupLife} what is to be done when a group comes, fails or goes, and
 * {@link dev.raftkv.raft.group.Replication} is what the rest of the node sees of it. May import {@code raft.ratis},
 * {@code raft.log}, {@code raft.read}, {@code raft.disk}, {@code raft.look} and {@code raft.wire}.
 */
package dev.raftkv.raft.group;
