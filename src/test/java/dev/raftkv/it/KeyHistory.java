package dev.raftkv.it;

import java.util.OptionalInt;

/**
 * What one client knows about a key that nobody else writes: each write has a higher number than the one before, and none is
 * sent while another is under way. After a write of unknown outcome the key is left alone. So a lost write shows as an older
 * number, and one that is applied again later as an older number too.
 */
final class KeyHistory {
    private final String key;
    private OptionalInt acknowledged = OptionalInt.empty();
    private boolean hasUnknown;
    private OptionalInt unknown = OptionalInt.empty();

    KeyHistory(String key) {
        this.key = key;
    }

    String key() {
        return key;
    }

    /** The key has this value now; empty means deleted. */
    void acknowledge(OptionalInt value) {
        acknowledged = value;
    }

    /** The key may have this value now. */
    void leaveUnknown(OptionalInt value) {
        hasUnknown = true;
        unknown = value;
    }

    /** Whether another write may be sent. */
    boolean isOpen() {
        return !hasUnknown;
    }

    /** Whether the key may have this value after the last write. */
    boolean allows(OptionalInt value) {
        return value.equals(acknowledged) || hasUnknown && value.equals(unknown);
    }

    @Override
    public String toString() {
        return key + " acknowledged " + acknowledged + (hasUnknown ? " unknown " + unknown : "");
    }
}
