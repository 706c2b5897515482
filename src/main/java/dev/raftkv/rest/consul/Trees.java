package dev.raftkv.rest.consul;

import dev.raftkv.kv.KvService;
import dev.raftkv.kv.Reader;
import dev.raftkv.model.Code;
import dev.raftkv.model.Entry;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Listed;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Range;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** All keys with a prefix as they were at one moment, and their names. */
final class Trees {
    private static final int MOST_KEYS = 50_000;

    /** Of the values of one answer. */
    private static final long MOST_BYTES = 32L << 20;

    /** Each time some of them change while their names are looked up. */
    private static final int TRIES = 20;

    private final KvService kv;

    Trees(KvService kv) {
        this.kv = kv;
    }

    /** @param lastChange the greatest revision of their changes and of removals that are known; 0 for none */
    record Tree(List<Entry> entries, long revision, long lastChange) {}

    /** @param lastChange as in {@link Tree} */
    record Names(List<Listed> names, long revision, long lastChange) {}

    CompletableFuture<Tree> read(Reader reader, Prefix prefix) {
        return reader.seeTogether(Range.of(prefix), MOST_KEYS, MOST_BYTES).thenApply(page -> {
            if (page.more()) {
                throw tooLarge();
            }
            long changed =
                    page.found().stream().mapToLong(Entry::changeRevision).max().orElse(0);
            long removed = reader.lastRemoval(prefix, page.revision());
            return new Tree(page.found(), page.revision(), Math.max(changed, removed));
        });
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
