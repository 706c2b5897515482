/**
 * HTTP to other nodes, whatever it is about: {@link dev.raftkv.peer.NodeHttp} opens connections, the only place that does, and a
 * {@link dev.raftkv.peer.Lane} sends requests of one purpose. May import {@code access} and {@code tls}. Threads: those of the lanes, which wait
 * for other nodes and end when there is nothing to do. See {@code DESIGN.md} of {@code rest}.
 */
package dev.raftkv.peer;
