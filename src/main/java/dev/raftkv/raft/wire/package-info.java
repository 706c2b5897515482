/**
 * The Raft port: what nodes say to each other, and who is listened to. {@link dev.raftkv.raft.wire.Wire} is the room's front,
 * {@link dev.raftkv.raft.wire.Frames} the one place through which all messages pass, {@link dev.raftkv.raft.wire.Kind} the list
 * of those that there are. The calls of members go out by {@link dev.raftkv.raft.wire.MemberCalls}, and come in by
 * {@link dev.raftkv.raft.wire.Guest}, {@link dev.raftkv.raft.wire.Admission} and {@link dev.raftkv.raft.wire.Answers}; DESIGN.md
 * beside {@code dev.raftkv.raft} says what for. Netty's threads wait for nothing; what may wait is done on a few threads of
 * their own. It tells
 * {@code raft.look} of votes, and of connections that end. May import {@code raft.ratis} and {@code raft.look}.
 */
package dev.raftkv.raft.wire;
