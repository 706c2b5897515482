/**
 * JSON of the HTTP edge: the one configuration of Jackson, a strict reader of request bodies, and writers on Jackson's generator
 * that give values back as they were sent. May import {@code model}; the rooms of {@code rest} are the only users of Jackson.
 */
package dev.raftkv.rest.json;
