package dev.raftkv.model;

import java.util.List;

/**
 * The first of a range, as it was at one revision.
 *
 * @param found in the order of the range, none left out between them
 * @param more whether more may follow behind the last of them; if nothing was found, nothing does
 */
public record Page<T>(List<T> found, long revision, boolean more) {}
