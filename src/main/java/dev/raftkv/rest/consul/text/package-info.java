/** What clients of Consul write and read: queries, durations, JSON. Knows nothing of how it is served. */
package dev.raftkv.rest.consul.text;
