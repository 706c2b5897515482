/**
 * The HTTP edge: reads requests, asks {@code kv} and {@code raft}, writes answers. May import {@code model}, {@code config},
 * {@code kv}, {@code raft}, {@code ops} and {@code node}; the only user of Jackson. Resources run on the container's threads and never
 * wait for a write: its answer is sent by the thread that ends it. Only {@link dev.raftkv.rest.LeaderForwarder} has
 * threads of its own.
 */
package dev.raftkv.rest;
