package dev.raftkv.lab.check;

/**
 * What a key is at one moment of a possible order of operations.
 *
 * @param value null if there is no such key
 * @param revision that of the last change, 0 if there is no such key; {@link #UNTOLD} while nobody has told it
 * @param floor what comes next has a later revision
 */
record KeyState(String value, long revision, long floor) {
    static final long UNTOLD = -1;
    static final KeyState NOTHING = new KeyState(null, 0, 0);

    boolean exists() {
        return value != null;
    }

    /** The state after a put, whose revision may be unknown; null if it cannot come now. */
    KeyState put(String stored, long at) {
        if (at == UNTOLD) {
            return new KeyState(stored, UNTOLD, floor);
        }
        return at > floor ? new KeyState(stored, at, at) : null;
    }

    /** The state after a delete that was answered at a revision, or whose revision is unknown; null if it cannot come now. */
    KeyState delete(long at) {
        if (at == UNTOLD) {
            return exists() ? new KeyState(null, 0, floor) : this;
        }
        boolean possible = exists() ? at > floor : at >= floor;
        return possible ? new KeyState(null, 0, at) : null;
    }

    /** This state, once it is known that somebody saw this value and revision; null if it is another. */
    KeyState seen(String found, long at) {
        return found.equals(value) ? seenAt(at) : null;
    }

    /** This state, once it is known that the key is there, and was changed last at a revision; null if that is not so. */
    KeyState seenAt(long at) {
        if (!exists()) {
            return null;
        }
        if (at == UNTOLD || revision == at) {
            return this;
        }
        return revision == UNTOLD && at > floor ? new KeyState(value, at, at) : null;
    }

    /** This state, if there is no such key; else null. */
    KeyState seenAbsent() {
        return exists() ? null : this;
    }

    /** Whether the key may be at a revision. */
    boolean mayBeAt(long at) {
        return exists() && (revision == at || revision == UNTOLD && at > floor);
    }

    /** Whether the key is at a revision for certain. */
    boolean mustBeAt(long at) {
        return exists() && revision == at;
    }
}
