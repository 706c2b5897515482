package dev.raftkv.kv;

import dev.raftkv.model.Change;
import dev.raftkv.model.Cursor;
import dev.raftkv.model.Key;
import dev.raftkv.model.Listed;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Range;
import dev.raftkv.model.Seen;
import dev.raftkv.store.KvStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tells a watch of the keys that there are, in their order, a page at a time, between the changes of those that it was told of
 * already. Holds one page. Belongs to whoever polls the watch.
 */
final class PresentKeys {
    private static final int PAGE_KEYS = 256;

    private final Interest interest;
    private Optional<Key> last = Optional.empty();
    private boolean all;

    /** Keys that were told in a state of this revision, behind the place that the watch had come to. */
    private final Map<Key, Long> ahead = new HashMap<>();

    /** The watch has to come to this place before the next page, or it would fall out of the history meanwhile. */
    private Cursor due = Cursor.after(0);

    PresentKeys(Interest interest) {
        this.interest = interest;
    }

    /** Whether a change is news: of a key that was told, and not in that state yet. */
    boolean misses(Change change) {
        return isTold(change.key()) && change.revision() > ahead.getOrDefault(change.key(), 0L);
    }

    private boolean isTold(Key key) {
        return all
                || last.isPresent()
                        && Arrays.compareUnsigned(key.utf8(), last.get().utf8()) <= 0;
    }

    /** Whether the next page is wanted by a watch that has come to a place. */
    boolean wantsPage(Cursor place) {
        return !all && place.compareTo(due) >= 0;
    }

    /** Whether all is told, and just as it is at this place. */
    boolean isOver(Cursor place) {
        ahead.values().removeIf(revision -> Cursor.after(revision).compareTo(place) <= 0);
        return all && ahead.isEmpty() && place.equals(Cursor.after(place.revision()));
    }

    /**
     * The next keys; none if they have just been removed, or there are no more.
     *
     * @param place that the watch has come to, which the store is at or behind
     * @param published the revision up to which watches can be told now
     */
    List<WatchEvent> page(KvStore store, Cursor place, long published, int maxBytes) {
        due = Cursor.after(published);
        List<Key> keys = interest.key().isPresent()
                ? List.of(interest.key().get())
                : store.keys(new Range(interest.prefix(), Optional.<Prefix>empty(), last, false), PAGE_KEYS).stream()
                        .map(Listed::name)
                        .toList();
        List<WatchEvent> page = new ArrayList<>();
        int bytes = 0;
        for (Key key : keys) {
            if (bytes >= maxBytes) {
                return page;
            }
            Seen seen = store.see(key);
            if (seen.entry().isPresent()) {
                WatchEvent present = new WatchEvent.Present(seen.entry().get());
                long revision = seen.entry().get().changeRevision();
                if (Cursor.after(revision).compareTo(place) > 0) {
                    ahead.put(key, revision);
                }
                page.add(present);
                bytes += present.size();
            }
            last = Optional.of(key);
        }
        all = interest.key().isPresent() || keys.size() < PAGE_KEYS;
        return page;
    }
}
