/**
 * Who asks, what they may do, and what becomes of those who may not; how nodes know each other
 * ({@link dev.raftkv.access.Seals}). Imports {@code model}. Threads: none of its own; the file of
 * tokens is looked at by whoever needs it.
 */
package dev.raftkv.access;
