/**
 * The key-value service: what a client can ask of a node, without HTTP and without Raft. May import {@code model} and
 * {@code store}; declares {@link dev.raftkv.kv.Replicator}, which {@code raft} implements. Thread-safe; nothing here blocks.
 */
package dev.raftkv.kv;
