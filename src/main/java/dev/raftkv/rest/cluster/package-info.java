/**
 * What concerns more than this node: the way of a request to the leader, the barrier of a linearizable read, members, health. May
 * import {@code model}, {@code json}, {@code config}, {@code kv}, {@code raft}, {@code ops} and {@code rest.http}. Only
 * {@link dev.raftkv.rest.cluster.LeaderForwarder} and {@link dev.raftkv.rest.cluster.Reach} have threads of their own, which
 * end when there is nothing to do.
 */
package dev.raftkv.rest.cluster;
