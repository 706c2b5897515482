package dev.raftkv.store;

import static dev.raftkv.store.StoreFixture.json;
import static dev.raftkv.store.StoreFixture.write;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.model.Created;
import dev.raftkv.model.Key;
import dev.raftkv.model.Listed;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Range;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orders, levels and pages, held against lists that are made by looking at all keys. */
class ListingTest {
    private static final long SEED = 13;
    private static final int KEYS = 300;
    private static final Comparator<Key> BYTES = (one, other) -> Arrays.compareUnsigned(one.utf8(), other.utf8());

    /** Of one, two, three and four bytes, and a control character before all that separates. */
    private static final List<String> PARTS =
            List.of("a", "b", "/", "/", ":", "\u00e9", "\u20ac", "\ud83d\ude00", "\u0001");

    @TempDir
    private Path directory;

    private final Random random = new Random(SEED);
    private final TreeSet<Key> keys = new TreeSet<>(BYTES);
    private KvStore store;

    @BeforeEach
    void open() {
        store = StoreFixture.open(directory.resolve("kv"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private String text(int parts) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < parts; i++) {
            text.append(PARTS.get(random.nextInt(PARTS.size())));
        }
        return text.toString();
    }

    private void fill() {
        while (keys.size() < KEYS) {
            keys.add(Key.of("k" + text(random.nextInt(7)) + "z"));
        }
        write(store, transaction -> keys.forEach(key -> transaction.put(key, json("1"), 0)));
    }

    @Test
    void eachPageOfEachLevelIsThatOfAllKeys() {
        fill();
        for (int i = 0; i < 2000; i++) {
            Prefix prefix = Prefix.of(random.nextInt(4) == 0 ? "" : "k" + text(random.nextInt(3)));
            Optional<Prefix> separator = Optional.of(
                            List.of("/", ":", "//", "a/", "\u00e9", "z", "k").get(random.nextInt(7)))
                    .filter(text -> random.nextInt(5) > 0)
                    .map(Prefix::of);
            Optional<Key> after = Optional.of(Key.of("k" + text(random.nextInt(5)) + "z"))
                    .filter(key -> random.nextBoolean())
                    .map(key -> random.nextBoolean() ? key : keys.ceiling(key));
            Range range = new Range(prefix, separator, after, random.nextBoolean());
            int limit = random.nextInt(20);
            List<Listed> expected = expected(range);
            assertEquals(
                    expected.subList(0, Math.min(limit, expected.size())), store.keys(range, limit), range::toString);
        }
    }

    /** What follows a key is what all that is shown before it does not have. */
    private List<Listed> expected(Range range) {
        List<Listed> shown = new ArrayList<>();
        Set<String> prefixes = new TreeSet<>();
        for (Key key : keys) {
            if (range.prefix().covers(key)) {
                Listed listed = shown(range, key);
                if (!listed.isPrefix() || prefixes.add(listed.name().text())) {
                    shown.add(listed);
                }
            }
        }
        if (range.reverse()) {
            Collections.reverse(shown);
        }
        if (range.after().isPresent()) {
            Key after = range.after().get();
            Key place = range.prefix().covers(after) ? shown(range, after).name() : after;
            shown.removeIf(listed -> range.reverse()
                    ? BYTES.compare(listed.name(), place) >= 0
                    : BYTES.compare(listed.name(), place) <= 0);
        }
        return shown;
    }

    private static Listed shown(Range range, Key key) {
        String rest = key.text().substring(range.prefix().text().length());
        int at = range.separator()
                .map(separator -> rest.indexOf(separator.text()))
                .orElse(-1);
        return at < 0
                ? new Listed(key, false)
                : new Listed(
                        Key.ofUtf8(Prefix.of(range.prefix().text()
                                        + rest.substring(
                                                0,
                                                at
                                                        + range.separator()
                                                                .get()
                                                                .text()
                                                                .length()))
                                .utf8()),
                        true);
    }

    @Test
    void pagesLeadThroughALevelEitherWay() {
        fill();
        for (boolean reverse : new boolean[] {false, true}) {
            Range all = new Range(Prefix.of("k"), Optional.of(Prefix.of("/")), Optional.empty(), reverse);
            List<Listed> seen = new ArrayList<>();
            List<Listed> page = store.keys(all, 3);
            while (!page.isEmpty()) {
                seen.addAll(page);
                Key last = page.get(page.size() - 1).name();
                page = store.keys(new Range(all.prefix(), all.separator(), Optional.of(last), reverse), 3);
            }
            assertEquals(expected(all), seen);
        }
    }

    @Test
    void theOrderOfCreationIsThatOfTheFirstWrites() {
        Key old = Key.of("p/z");
        Key[] together = {Key.of("p/b"), Key.of("p/y")};
        put(old);
        write(store, transaction -> Stream.of(together).forEach(key -> transaction.put(key, json("1"), 0)));
        put(Key.of("q"));
        put(Key.of("p/a"));
        put(old);
        put(together[1]);
        write(store, transaction -> transaction.delete(Key.of("p/b")));
        put(Key.of("p/b"));
        List<Created> all = List.of(
                new Created(1, old),
                new Created(2, together[1]),
                new Created(4, Key.of("p/a")),
                new Created(8, Key.of("p/b")));
        List<Created> reversed = new ArrayList<>(all);
        Collections.reverse(reversed);
        assertEquals(Optional.of(all), created(Optional.empty(), false, 9, 4));
        assertEquals(Optional.of(reversed), created(Optional.empty(), true, 9, 4));
        assertEquals(Optional.of(all.subList(0, 2)), created(Optional.empty(), false, 2, 4));
        assertEquals(Optional.of(all.subList(2, 4)), created(Optional.of(all.get(1)), false, 2, 4));
        assertEquals(Optional.of(reversed.subList(3, 4)), created(Optional.of(all.get(1)), true, 2, 4));
        assertEquals(Optional.of(all.subList(1, 4)), created(Optional.of(new Created(2, Key.of("p/b"))), false, 9, 4));
        assertEquals(Optional.empty(), created(Optional.empty(), false, 1, 3));
    }

    private void put(Key key) {
        write(store, transaction -> transaction.put(key, json("1"), 0));
    }

    private Optional<List<Created>> created(Optional<Created> after, boolean reverse, int limit, int most) {
        return store.keysByCreation(Prefix.of("p/"), after, reverse, limit, most);
    }
}
