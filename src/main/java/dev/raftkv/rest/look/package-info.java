/**
 * A look inside the node: its Raft log, and what happens to it. May import {@code model}, {@code json}, {@code raft} and the
 * rooms of {@code rest} below it. Threads: the container's, which wait for the disk.
 */
package dev.raftkv.rest.look;
