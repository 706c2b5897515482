/**
 * The gate before every way into the application: who asks is found here, what they may do is decided where an operation begins
 * ({@link dev.raftkv.rest.http.Exchange}). May import {@code model}, {@code access}, {@code rest.request} and {@code rest.http}.
 */
package dev.raftkv.rest.access;
