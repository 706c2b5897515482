/** The interface for clients of Consul, under {@code /v1}: see DESIGN.md of {@code rest}. */
package dev.raftkv.rest.consul;
