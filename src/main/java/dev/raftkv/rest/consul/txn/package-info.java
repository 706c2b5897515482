/** Transactions as clients of Consul write them. */
package dev.raftkv.rest.consul.txn;
