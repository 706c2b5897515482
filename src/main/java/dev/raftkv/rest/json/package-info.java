/**
 * JSON of the HTTP edge: writers on Jackson's generator that give values back as they were sent. May import {@code model} and
 * {@code json}.
 */
package dev.raftkv.rest.json;
