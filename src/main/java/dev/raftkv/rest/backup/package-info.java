/**
 * Backups: their format, how one is made and read. May import {@code model}, {@code access}, {@code json}, {@code store}, {@code kv} and the
 * rooms of {@code rest} below it. Nothing here holds more of a backup than a line.
 */
package dev.raftkv.rest.backup;
