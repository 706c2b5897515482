/**
 * What concerns more than this node: the way of a request to the leader, the barrier of a linearizable read, members, health. May
 * import {@code model}, {@code access}, {@code json}, {@code peer}, {@code config}, {@code kv}, {@code raft}, {@code ops}, {@code rest.request} and
 * {@code rest.http}. Only
 * {@link dev.raftkv.rest.cluster.Reach} has a thread of its own, which ends when there is nothing to do; other nodes are asked on
 * the lanes of {@code peer}.
 */
package dev.raftkv.rest.cluster;
