package dev.raftkv.rest.consul;

import dev.raftkv.kv.KvService;
import dev.raftkv.kv.Reader;
import dev.raftkv.model.Code;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Listed;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Range;
import dev.raftkv.model.Together;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * All keys with a prefix as they were at one moment. Where nothing changes meanwhile that is what there is; else they are read
 * together, until no key has come or gone while they were looked up.
 */
final class Trees {
    private static final int MOST_KEYS = 50_000;

    /** Of the values of one answer. */
    private static final long MOST_BYTES = 32L << 20;

    /** Each time none of them comes or goes. */
    private static final int TRIES = 20;

    private static final int PLAIN_TRIES = 3;

    private final KvService kv;

    Trees(KvService kv) {
        this.kv = kv;
    }

    /** @param lastChange the greatest revision of their changes and of removals that are known; 0 for none */
    record Tree(List<Entry> entries, long revision, long lastChange) {}

    /** @param lastChange as in {@link Tree} */
    record Names(List<Listed> names, long revision, long lastChange) {}

    CompletableFuture<Tree> read(Reader reader, Prefix prefix) {
        return read(reader, prefix, 1);
    }

    private CompletableFuture<Tree> read(Reader reader, Prefix prefix, int tries) {
        List<Key> keys = names(reader, prefix);
        if (tries <= PLAIN_TRIES) {
            List<Entry> entries = entries(reader, keys);
            long last = reader.lastChange(prefix, Long.MAX_VALUE);
            if (last <= reader.revision()) {
                return CompletableFuture.completedFuture(new Tree(entries, reader.revision(), last));
            }
            return read(kv.reader(), prefix, tries + 1);
        }
        return reader.seeTogether(keys, MOST_BYTES).thenCompose(found -> {
            Together together = found.orElseThrow(Trees::tooLarge);
            Reader after = kv.reader();
            if (hasChanged(after, prefix, new HashSet<>(keys), together.revision())) {
                if (tries == TRIES) {
                    throw new KvException(
                            Code.UNAVAILABLE, "keys with this prefix come and go too quickly to be read: try again");
                }
                return read(after, prefix, tries + 1);
            }
            List<Entry> entries =
                    together.entries().stream().flatMap(Optional::stream).toList();
            long last = entries.stream().mapToLong(Entry::changeRevision).max().orElse(0);
            long removed = after.lastRemoval(prefix, together.revision());
            return CompletableFuture.completedFuture(new Tree(entries, together.revision(), Math.max(last, removed)));
        });
    }

    /** Whether there may have been keys at a moment that were not looked up before it. */
    private static boolean hasChanged(Reader after, Prefix prefix, Set<Key> known, long moment) {
        boolean come = names(after, prefix).stream()
                .filter(key -> !known.contains(key))
                .anyMatch(key -> after.get(key)
                        .map(entry -> entry.createRevision() <= moment)
                        .orElse(true));
        return come || after.lastRemoval(prefix, Long.MAX_VALUE) > moment;
    }

    private static List<Key> names(Reader reader, Prefix prefix) {
        List<Listed> names = reader.keys(Range.of(prefix), MOST_KEYS + 1);
        if (names.size() > MOST_KEYS) {
            throw tooLarge();
        }
        return names.stream().map(Listed::name).toList();
    }

    private static List<Entry> entries(Reader reader, List<Key> keys) {
        List<Entry> entries = new ArrayList<>(keys.size());
        long bytes = 0;
        for (Key key : keys) {
            Optional<Entry> entry = reader.get(key);
            if (entry.isPresent()) {
                bytes += entry.get().value().length();
                if (bytes > MOST_BYTES) {
                    throw tooLarge();
                }
                entries.add(entry.get());
            }
        }
        return entries;
    }

    private static KvException tooLarge() {
        return new KvException(
                Code.TOO_LARGE,
                "the keys with this prefix are too large for one answer, which may have " + MOST_KEYS + " keys and "
                        + (MOST_BYTES >> 20) + " MiB: ask for a longer prefix");
    }

    /** The names alone, one level of them if there is a separator. */
    CompletableFuture<Names> names(Reader reader, Prefix prefix, Optional<Prefix> separator) {
        Reader now = reader;
        for (int tries = 1; ; tries++) {
            List<Listed> names = now.keys(new Range(prefix, separator, Optional.empty(), false), MOST_KEYS + 1);
            if (names.size() > MOST_KEYS) {
                throw tooLarge();
            }
            long last = now.lastChange(prefix, Long.MAX_VALUE);
            if (last <= now.revision() || tries == TRIES) {
                return CompletableFuture.completedFuture(new Names(names, Math.max(last, now.revision()), last));
            }
            now = kv.reader();
        }
    }
}
