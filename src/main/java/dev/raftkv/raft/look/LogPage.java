package dev.raftkv.raft.look;

import java.util.Iterator;

/**
 * Entries of the log.
 *
 * @param bounds how far the log went when it was looked at
 * @param entries each is read when it is asked for, and may not be there any more: a {@link dev.raftkv.model.KvException} says
 *     so
 */
public record LogPage(LogBounds bounds, Iterator<LoggedEntry> entries) {}
