/**
 * The client: a closed loop over many connections on one thread, which costs the same whomever it asks, as only the bytes of
 * requests and replies differ. Knows no peer's processes; imports nothing of the benchmark.
 */
package dev.raftkv.bench.load;
