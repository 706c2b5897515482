package dev.raftkv.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.model.Change;
import dev.raftkv.model.Cursor;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Range;
import dev.raftkv.store.KvStore;
import dev.raftkv.testkit.StateModel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether a store shows what the model does. */
final class ModelChecks {
    private ModelChecks() {}

    static void assertHolds(StateModel model, KvStore store) {
        assertEquals(model.revision(), store.position().revision());
        assertEquals(model.time(), store.position().time());
        assertEquals(model.entries().size(), store.position().keys());
        List<Entry> entries = store.keys(Range.ALL, 100).stream()
                .map(listed -> store.get(listed.name()).orElseThrow())
                .toList();
        assertEquals(model.entries(), entries);
        assertEquals(model.sessions(), store.sessions(Optional.empty(), 1000));
        model.removals().forEach((key, revision) -> assertEquals(revision, store.removedAt(Key.of(key)), key));
        model.entries().forEach(entry -> assertEquals(0, store.removedAt(entry.key())));
        assertEquals(
                Stream.concat(
                                model.removals().entrySet().stream()
                                        .filter(removal -> removal.getKey().startsWith("k/1"))
                                        .map(Map.Entry::getValue),
                                model.entries().stream()
                                        .filter(entry -> entry.key().text().startsWith("k/1"))
                                        .map(Entry::changeRevision))
                        .mapToLong(Long::longValue)
                        .max()
                        .orElse(0),
                store.lastChange(Prefix.of("k/1"), Long.MAX_VALUE));
        assertEquals(
                model.entries().stream()
                        .mapToLong(Entry::expiresAt)
                        .filter(expiry -> expiry > 0)
                        .min(),
                store.nextExpiry());
        // The last ten revisions, resumed in the middle of one too.
        List<Change> changes = model.changes();
        List<Change> latest = changes.subList(Math.max(0, changes.size() - 10), changes.size());
        for (int i = 0; i < latest.size(); i++) {
            List<Change> rest = latest.subList(i + 1, latest.size());
            assertEquals(rest, store.changes(Cursor.after(latest.get(i)), 1000));
        }
    }
}
