/**
 * What a client says: path, query, header fields, body, and the rules for each. May import {@code model} and
 * {@code access}.
 */
package dev.raftkv.rest.request;
