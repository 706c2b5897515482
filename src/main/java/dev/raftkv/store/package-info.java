/**
 * The replicated state on disk. May import {@code model} and {@code codec}; the only package that uses Berkeley DB JE.
 *
 * <p>Any thread reads; one thread at a time writes, takes snapshots and restores. No thread in here may be interrupted:
 * JE then gives up its whole environment.
 */
package dev.raftkv.store;
