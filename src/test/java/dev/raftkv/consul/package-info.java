/**
 * What clients of Consul ask, and what they count on. It asks whatever calls itself a Consul at some addresses, over sockets,
 * and knows nothing of the nodes behind them; the nodes are started by those who use it.
 */
package dev.raftkv.consul;
