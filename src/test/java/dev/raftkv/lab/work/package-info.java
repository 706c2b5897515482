/**
 * Clients and watchers that work at all nodes of a cluster at once, whatever the network does, and write down what they did
 * and saw. What they do comes from a seed. Imports {@code dev.raftkv.lab.history} and {@code dev.raftkv.testkit}.
 */
package dev.raftkv.lab.work;
