/**
 * Streams of Server-Sent Events (WHATWG HTML, section 9.2), whatever they tell of. May import {@code model}, {@code json} and
 * {@code rest.http}. Threads: those of whoever has news, of the container and of the heartbeat; none waits for a client.
 */
package dev.raftkv.rest.events;
