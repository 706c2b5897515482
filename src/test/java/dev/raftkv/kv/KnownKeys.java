package dev.raftkv.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Change;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** What a client makes of a watch that begins with the keys that are there; fails if it is told anything twice. */
public final class KnownKeys {
    private final Map<Key, Long> keys = new HashMap<>();
    private final Map<Key, Change> heard = new HashMap<>();
    private Key last;
    private boolean ended;

    public void take(WatchEvent event) {
        if (event instanceof WatchEvent.Present present) {
            present(present.entry());
        } else if (event instanceof WatchEvent.Changed changed) {
            assertEquals(ended, event.id().isPresent());
            changed(changed.change());
        } else {
            assertFalse(ended);
            ended = true;
        }
    }

    private void present(Entry entry) {
        assertFalse(ended);
        assertTrue(
                last == null || Arrays.compareUnsigned(last.utf8(), entry.key().utf8()) < 0);
        last = entry.key();
        assertNull(keys.put(entry.key(), entry.changeRevision()));
    }

    private void changed(Change change) {
        Change before = heard.put(change.key(), change);
        assertTrue(
                before == null
                        || before.revision() < change.revision()
                        || before.revision() == change.revision() && before.ordinal() < change.ordinal(),
                change::toString);
        if (change.kind() == Change.Kind.PUT) {
            Long known = keys.put(change.key(), change.revision());
            assertTrue(known == null || before != null || known < change.revision(), change::toString);
        } else {
            keys.remove(change.key());
        }
    }

    /** Whether all that there was has been told. */
    public boolean hasEnded() {
        return ended;
    }

    /** The keys with the revisions of their last changes. */
    public Map<Key, Long> revisions() {
        return keys;
    }
}
