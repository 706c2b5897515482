/**
 * What a node has on its disk beside the store: its directory and the marker of what has become of it, Ratis' log and vote,
 * which are looked through before Ratis opens them, and the room that is left. May import {@code raft.ratis}.
 */
package dev.raftkv.raft.disk;
