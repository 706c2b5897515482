/**
 * One request and its answer: what an operation is, what it gets and gives, and {@link dev.raftkv.rest.http.Replies}, the only
 * way to a response. No thread waits for a client, whether it sends or reads. May import {@code model}, {@code kv}'s periodic
 * tasks, {@code ops}' meter, {@code json} and {@code rest.json}. See {@code DESIGN.md} of {@code rest}.
 */
package dev.raftkv.rest.http;
