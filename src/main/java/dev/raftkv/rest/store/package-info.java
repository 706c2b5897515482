/** Keys: one, lists, conditions, transactions. May import {@code model}, {@code kv} and the rooms of {@code rest} below it. */
package dev.raftkv.rest.store;
