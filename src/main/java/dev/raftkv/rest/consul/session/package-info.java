/** Sessions as clients of Consul begin, renew and see them. */
package dev.raftkv.rest.consul.session;
