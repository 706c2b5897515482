package dev.raftkv.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.raftkv.model.Code;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Listed;
import dev.raftkv.model.Range;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What the tests of the store share. */
final class StoreFixture {
    static final StoreSettings SETTINGS = new StoreSettings(4 << 20);

    private StoreFixture() {}

    static KvStore open(Path directory) {
        // No read is long, however busy the machine is.
        KvStore store = new KvStore(directory, SETTINGS, failure -> {}, () -> 0);
        store.open();
        return store;
    }

    static JsonText json(String text) {
        return new JsonText(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Commits changes as the entry after the last one. */
    static void write(KvStore store, Consumer<WriteTransaction> changes) {
        try (WriteTransaction transaction = store.begin(0)) {
            changes.accept(transaction);
            transaction.commit(1, store.position().index() + 1);
        }
    }

    static void put(KvStore store, String key, String value) {
        write(store, transaction -> transaction.put(Key.of(key), json(value), 0));
    }

    /** The value's text, or null. */
    static String value(KvStore store, String key) {
        return store.get(Key.of(key)).map(entry -> entry.value().toString()).orElse(null);
    }

    static List<Key> keys(KvStore store) {
        return store.keys(Range.ALL, Integer.MAX_VALUE).stream()
                .map(Listed::name)
                .toList();
    }

    static void assertClosed(KvStore store) {
        KvException refusal = assertThrows(KvException.class, () -> store.get(Key.of("a")));
        assertEquals(Code.UNAVAILABLE, refusal.code());
    }

    /** Copies a directory as a kill would leave it: what the process has handed to the operating system, no lock file. */
    static Path copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        for (Path file : Directories.list(from)) {
            if (file.toString().endsWith(".jdb")) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
        return to;
    }

    /** The hashes of all files in a directory, by name. */
    static Map<String, String> hashes(Path directory) {
        try {
            Map<String, String> hashes = new TreeMap<>();
            for (Path file : Directories.list(directory)) {
                byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
                hashes.put(file.getFileName().toString(), HexFormat.of().formatHex(hash));
            }
            return hashes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
