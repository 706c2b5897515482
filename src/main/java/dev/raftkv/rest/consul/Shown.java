package dev.raftkv.rest.consul;

import dev.raftkv.rest.http.Answer;
import java.util.function.Supplier;

/**
 * What a read has found.
 *
 * @param index of what was read, &ge; 1: as long as nothing happens to it this stays
 * @param storeIndex of all there is
 * @param isEmpty whether there is nothing to have an index
 * @param answer makes it, without what all reads say
 */
public record Shown(long index, long storeIndex, boolean isEmpty, Supplier<Answer> answer) {
    /** Of something whose index tells all. */
    public static Shown at(long index, Supplier<Answer> answer) {
        return new Shown(index, index, false, answer);
    }

    Shown withIndex(long other) {
        return new Shown(other, storeIndex, isEmpty, answer);
    }
}
