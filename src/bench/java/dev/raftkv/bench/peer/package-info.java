/**
 * The peers: how three nodes of each are started on this machine, and who of them leads. Imports {@code load} and the servers
 * of the testkit.
 */
package dev.raftkv.bench.peer;
