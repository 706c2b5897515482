package dev.raftkv.store;

/** @param cacheBytes heap that the store may use as its cache, at least 96 KiB */
public record StoreSettings(long cacheBytes) {}
