/**
 * What operators see of a node: its health, and its metrics as Prometheus reads them. May import {@code model},
 * {@code config}, {@code meter}, {@code store}, {@code kv} and {@code raft}. Thread-safe; nothing here blocks, has threads of
 * its own or changes the node.
 */
package dev.raftkv.ops;
