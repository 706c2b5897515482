package dev.raftkv.rest.consul.text;

import java.time.Duration;
import java.util.Optional;

/**
 * How current a read is.
 *
 * @param kind what it asks for
 * @param mostStale how long the node may not have heard of its leader; empty if that does not matter
 */
public record Level(Kind kind, Optional<Duration> mostStale) {
    public enum Kind {
        /** What the leader has, as far as it counts on leading. */
        LEADER,
        /** What the leader has, which is proven to lead. */
        CONSISTENT,
        /** What this node has. */
        STALE
    }

    /** @throws ConsulFailure for a query that contradicts itself */
    public static Level of(ConsulQuery query) {
        Optional<Duration> most = query.value("max_stale")
                .filter(text -> !text.isEmpty())
                .map(text -> GoDuration.parse(text)
                        .orElseThrow(() -> new ConsulFailure(400, "Invalid max_stale value \"" + text + "\"")));
        boolean stale = query.flag("stale") || most.isPresent() && !query.flag("consistent");
        if (query.flag("stale") && query.flag("consistent")) {
            throw new ConsulFailure(400, "Cannot specify ?stale with ?consistent, conflicting semantics.");
        }
        Kind kind = stale ? Kind.STALE : query.flag("consistent") ? Kind.CONSISTENT : Kind.LEADER;
        return new Level(kind, most);
    }
}
