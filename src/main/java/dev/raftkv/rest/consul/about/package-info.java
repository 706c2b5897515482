/** What clients of Consul are told of the cluster, and of what raftkv has not. */
package dev.raftkv.rest.consul.about;
