package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Sight;
import java.util.Locale;

/**
 * What happened to one key at one revision, as watchers saw it.
 *
 * @param value what a put stored, else null
 */
record Change(long revision, String key, Sight.What what, String value, long createRevision, long version) {
    static Change of(Sight sight) {
        return new Change(
                sight.revision(), sight.key(), sight.what(), sight.value(), sight.createRevision(), sight.version());
    }

    boolean isPut() {
        return what == Sight.What.PUT;
    }

    @Override
    public String toString() {
        return what.name().toLowerCase(Locale.ROOT) + " of " + key + (isPut() ? " = " + value : "") + " at revision "
                + revision;
    }
}
