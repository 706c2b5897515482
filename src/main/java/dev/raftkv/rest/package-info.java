/**
 * The HTTP edge of a node: the table of its operations, and what hosts them. The rooms inside it have an order: {@code json}
 * and {@code request}, {@code http}, {@code access}, {@code cluster} and {@code txn}, then {@code store} and {@code watch}, and nothing in them knows what is here. May import
 * {@code model}, {@code access}, {@code peer}, {@code config}, {@code kv}, {@code ops}, {@code node} and its rooms.
 */
package dev.raftkv.rest;
