/**
 * Who belongs to the cluster and who leads it: {@link dev.raftkv.raft.members.Membership} is the queue of changes, one class
 * makes each kind, {@link dev.raftkv.raft.members.Founding} the first member,
 * {@link dev.raftkv.raft.members.Recovery} the survivor of a lost majority the only one,
 * {@link dev.raftkv.raft.members.Handover} and {@link dev.raftkv.raft.members.Succession} the next leader.
 * Everything here may wait for other nodes. May import {@code raft.group}, {@code raft.look} and what is below it.
 */
package dev.raftkv.raft.members;
