/**
 * The deterministic state machine: what commands do to a store. May import {@code model} and {@code store}. Reads no clock,
 * no random number and no configuration, so that every node gets the same state from the same log. Holds no state, so any
 * thread may use it that may use the transaction.
 */
package dev.raftkv.machine;
