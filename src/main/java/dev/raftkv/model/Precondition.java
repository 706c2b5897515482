package dev.raftkv.model;

import java.util.List;
import java.util.Optional;

/**
 * What must hold of a key for a request to be carried out: the conditions of RFC 9110, section 13, with revisions as entity
 * tags.
 *
 * @param ifMatch the key must exist, and match
 * @param ifNoneMatch the key must not exist, or not match
 */
public record Precondition(Optional<Match> ifMatch, Optional<Match> ifNoneMatch) {
    public static final Precondition NONE = new Precondition(Optional.empty(), Optional.empty());

    /**
     * What the last change of a key is compared with.
     *
     * @param any whether every revision matches; the list is then empty
     * @param revisions those that match; may be empty, because a client may name tags that were never ours
     */
    public record Match(boolean any, List<Long> revisions) {
        public static final Match ANY = new Match(true, List.of());

        public static Match of(List<Long> revisions) {
            return new Match(false, List.copyOf(revisions));
        }

        private boolean matches(long revision) {
            return any || revisions.contains(revision);
        }
    }

    /** @param changeRevision the revision of the key's last change, 0 if there is no such key */
    public boolean holds(long changeRevision) {
        boolean exists = changeRevision > 0;
        return ifMatch.map(match -> exists && match.matches(changeRevision)).orElse(true)
                && ifNoneMatch
                        .map(match -> !exists || !match.matches(changeRevision))
                        .orElse(true);
    }
}
