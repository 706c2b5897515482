/**
 * Who asks, what they may do, and what becomes of those who may not. Imports {@code model}. Threads: none of its own; the file of
 * tokens is looked at by whoever needs it.
 */
package dev.raftkv.access;
