/**
 * Bytes that outlive a process, and the values they stand for. May import {@code model}; the only package that uses
 * Protocol Buffers, whose generated classes (in {@code codec.wire}) no other package sees. Everything is static and
 * thread-safe.
 *
 * <p>The schema and its rules of change are in {@code raftkv.proto}.
 */
package dev.raftkv.codec;
