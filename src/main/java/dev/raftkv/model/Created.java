package dev.raftkv.model;

import java.util.Arrays;

/**
 * A key in the order of creation. Keys that a transaction has made together follow each other in the order of their bytes.
 *
 * @param revision at which the key was made
 */
public record Created(long revision, Key key) implements Comparable<Created> {
    @Override
    public int compareTo(Created other) {
        int byRevision = Long.compare(revision, other.revision);
        return byRevision != 0 ? byRevision : Arrays.compareUnsigned(key.utf8(), other.key.utf8());
    }
}
