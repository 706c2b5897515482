package dev.raftkv.model;

import java.util.Optional;

/**
 * What an operation of a {@link Command.OfConsul.Txn} shows of a key.
 *
 * @param entry as the operations so far left it; empty if there is no such key
 * @param read whether its value was asked for; the value of an entry means nothing if not
 */
public record ConsulResult(Key key, Optional<Entry> entry, boolean read) {}
