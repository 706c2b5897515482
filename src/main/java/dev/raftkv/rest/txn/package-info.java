/** What transactions ask for and answer. May import {@code model}, {@code json}, {@code kv} and {@code rest.json}. */
package dev.raftkv.rest.txn;
