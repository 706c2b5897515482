/**
 * The exchange of a request and its answer: what an operation is, and {@link dev.raftkv.rest.http.Replies}, the only way to a
 * response. No thread waits for a client, whether it sends or reads. May import {@code model}, {@code access}, {@code kv}'s periodic tasks,
 * {@code ops}' meter, {@code json}, {@code rest.json} and {@code rest.request}. See {@code DESIGN.md} of {@code rest}.
 */
package dev.raftkv.rest.http;
