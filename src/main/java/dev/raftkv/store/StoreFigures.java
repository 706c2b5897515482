package dev.raftkv.store;

/**
 * What a store takes and does, for operators. Counts begin when the store is opened.
 *
 * @param cacheBytes the heap that its cache takes
 * @param cacheMisses reads of the disk for what was not in the cache
 * @param diskBytes what its files take, without those that only a snapshot needs
 * @param syncs how often a file was synced
 * @param cleanedFiles how many files were emptied and given free
 */
public record StoreFigures(long cacheBytes, long cacheMisses, long diskBytes, long syncs, long cleanedFiles) {}
