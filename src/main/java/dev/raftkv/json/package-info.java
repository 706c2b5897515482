/**
 * JSON: the one configuration of Jackson, a strict reader of request bodies, and a lenient one of what other nodes answer. May
 * import {@code model}. Only this package and the rooms of {@code rest}, which write long answers, use Jackson.
 */
package dev.raftkv.json;
