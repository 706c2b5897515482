package dev.raftkv.store;

import dev.raftkv.model.Code;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Position;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The state of a store as it stood at one position, in files that nobody changes. Thread-safe; {@code UNAVAILABLE} when it is
 * closed, as it is with its store.
 */
public final class StoreCopy implements AutoCloseable {
    private final Path directory;
    private final JeEnvironment environment;
    private final Consumer<StoreCopy> onClose;
    private final Position position;
    private boolean closed;

    StoreCopy(Path directory, JeEnvironment environment, Consumer<StoreCopy> onClose) {
        this.directory = directory;
        this.environment = environment;
        this.onClose = onClose;
        this.position = environment.position();
    }

    /** What this is a copy of. */
    public Position position() {
        return position;
    }

    /** How many keys start with a prefix. Reads all of them, unless it is every key. */
    public synchronized long count(Prefix prefix) {
        requireOpen();
        if (prefix.equals(Prefix.ALL)) {
            return position.keys();
        }
        long[] count = {0};
        environment.live().rows().scanKeys(prefix.utf8(), key -> prefix.covers(key) && ++count[0] > 0);
        return count[0];
    }

    /**
     * The next entries of a range, in the order of their keys; none if that was all.
     *
     * @param after only keys behind this one, which is in the range
     * @param enough bytes of rows; what is found first is returned, whatever its size
     */
    public synchronized List<Entry> entries(Prefix prefix, Optional<Key> after, int enough) {
        requireOpen();
        byte[] from = after.map(Key::utf8).orElse(prefix.utf8());
        List<Entry> found = new ArrayList<>();
        int[] bytes = {0};
        environment.live().rows().scan(from, (key, row) -> {
            if (!prefix.covers(key)) {
                return false;
            }
            if (after.isPresent() && Arrays.equals(key, from)) {
                return true;
            }
            found.add(environment.live().decode(Key.ofUtf8(key), row));
            bytes[0] += row.length;
            return bytes[0] < enough;
        });
        return found;
    }

    /** A session that has one of the keys. */
    public synchronized Optional<Session> session(UUID id) {
        requireOpen();
        return environment.live().sessions().get(id);
    }

    private void requireOpen() {
        if (closed) {
            throw new KvException(Code.UNAVAILABLE, "this node's store is closed: ask another node");
        }
    }

    /** Lets go of the files. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            environment.close();
            Directories.delete(directory);
        } catch (IOException e) {
            throw new StorageException("deleting the copy " + directory, e);
        } finally {
            onClose.accept(this);
        }
    }
}
