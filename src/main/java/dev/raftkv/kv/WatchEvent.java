package dev.raftkv.kv;

import dev.raftkv.model.Change;
import dev.raftkv.model.Entry;
import dev.raftkv.model.EventId;
import java.util.Optional;

/** What a watch tells. */
public sealed interface WatchEvent {
    /** The place behind it, to go on from; empty as long as not all that there was is told, since nobody can go on then. */
    Optional<EventId> id();

    /** About how much memory it takes, in bytes. */
    int size();

    /** A change. */
    record Changed(Change change, Optional<EventId> id) implements WatchEvent {
        @Override
        public int size() {
            return change.size();
        }
    }

    /** A key that is there, as it is at the place that the watch has come to, or behind. */
    record Present(Entry entry) implements WatchEvent {
        @Override
        public Optional<EventId> id() {
            return Optional.empty();
        }

        @Override
        public int size() {
            return 64 + entry.key().utf8().length + entry.value().length();
        }
    }

    /** All that there was is told: who has taken each event until here knows the keys as they are at this place. */
    record AllPresent(EventId place) implements WatchEvent {
        @Override
        public Optional<EventId> id() {
            return Optional.of(place);
        }

        @Override
        public int size() {
            return 64;
        }
    }
}
