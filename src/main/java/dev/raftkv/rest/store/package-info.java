/** Keys: one, lists, conditions, and sessions. May import {@code model}, {@code json}, {@code kv} and the rooms of {@code rest} below it. */
package dev.raftkv.rest.store;
