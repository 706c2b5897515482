/**
 * The benchmark: raftkv, etcd and ZooKeeper by turns on one machine, in one run. CONTRIBUTING.md says how it is run. {@code
 * Bench} is the order of a run, {@code load} the client, {@code peer} the servers, {@code report} what the figures say;
 * benchmarks of parts lie beside the parts that they measure, in packages of their names, and {@code Micro} runs them.
 */
package dev.raftkv.bench;
