package dev.raftkv.store;

import dev.raftkv.model.Change;
import java.util.List;

/**
 * Some changes that follow each other.
 *
 * @param endsRevision whether all changes of the last revision among them have been shown
 */
public record ChangePage(List<Change> changes, boolean endsRevision) {}
