package dev.raftkv.rest.consul;

import dev.raftkv.kv.Reader;
import dev.raftkv.model.Code;
import dev.raftkv.model.Entry;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Listed;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Range;
import dev.raftkv.model.Revised;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** All keys with a prefix as they were at one moment, and their names. */
final class Trees {
    private static final int MOST_KEYS = 50_000;

    /** Of the values of one answer. */
    private static final long MOST_BYTES = 32L << 20;

    private Trees() {}

    /** @param lastChange the greatest revision of their changes and of removals that are known; 0 for none */
    record Tree(List<Entry> entries, long revision, long lastChange) {}

    /** @param lastChange as in {@link Tree} */
    record Names(List<String> names, long revision, long lastChange) {}

    static CompletableFuture<Tree> read(Reader reader, Prefix prefix) {
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
    static CompletableFuture<Names> names(Reader reader, Prefix prefix, Optional<Prefix> separator) {
        return reader.seeRevisionsTogether(Range.of(prefix), MOST_KEYS).thenApply(page -> {
            if (page.more()) {
                return separator.map(levels -> ofLevel(reader, prefix, levels)).orElseThrow(Trees::tooLarge);
            }
            long changed = page.found().stream()
                    .mapToLong(Revised::changeRevision)
                    .max()
                    .orElse(0);
            List<String> names = page.found().stream()
                    .map(each -> name(each.key().text(), prefix.text().length(), separator))
                    .distinct()
                    .toList();
            return new Names(names, page.revision(), Math.max(changed, reader.lastRemoval(prefix, page.revision())));
        });
    }

    private static String name(String key, int from, Optional<Prefix> separator) {
        int at = separator.map(text -> key.indexOf(text.text(), from)).orElse(-1);
        return at < 0 ? key : key.substring(0, at + separator.get().text().length());
    }

    /**
     * One level of more keys than are looked at together: what changes meanwhile is shown or not. The index is of before, so that it
     * is news to who waits for what follows.
     */
    private static Names ofLevel(Reader reader, Prefix prefix, Prefix separator) {
        long last = prefix.equals(Prefix.ALL) ? reader.revision() : reader.lastChange(prefix, reader.revision());
        List<Listed> names =
                reader.keys(new Range(prefix, Optional.of(separator), Optional.empty(), false), MOST_KEYS + 1);
        if (names.size() > MOST_KEYS) {
            throw tooLarge();
        }
        return new Names(names.stream().map(each -> each.name().text()).toList(), reader.revision(), last);
    }
}
