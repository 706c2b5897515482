package dev.raftkv.store;

import dev.raftkv.model.HistoryLimits;

/**
 * What is kept for watchers.
 *
 * @param oldestRevision the first one whose changes are kept; that of the next change if none is
 * @param changes how many are kept
 * @param bytes what they are reckoned to take
 */
public record HistoryFigures(long oldestRevision, long changes, long bytes, HistoryLimits limits) {}
