package dev.raftkv.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.model.Batch;
import dev.raftkv.model.Command;
import dev.raftkv.model.Entry;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Position;
import dev.raftkv.model.Write;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.StoreSettings;
import dev.raftkv.store.WriteTransaction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandApplierTest {
    private static final Key A = Key.of("a");
    private static final Key B = Key.of("b");
    private static final JsonText ONE = new JsonText("1".getBytes(StandardCharsets.UTF_8));
    private static final JsonText TWO = new JsonText("2".getBytes(StandardCharsets.UTF_8));

    @TempDir
    Path directory;

    private KvStore store;

    @BeforeEach
    void open() {
        store = new KvStore(directory.resolve("kv"), new StoreSettings(4 << 20));
        store.open();
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void outcomesFollowTheCommands() {
        List<Outcome> outcomes = apply(
                1,
                new Command.Put(A, ONE),
                new Command.Announce("n1", "http://h:1"),
                new Command.Put(A, TWO),
                new Command.Delete(B),
                new Command.Delete(A),
                new Command.Put(B, ONE));

        assertEquals(
                List.of(
                        new Outcome.Stored(1),
                        new Outcome.Announced(1),
                        new Outcome.Stored(2),
                        new Outcome.Removed(2, false),
                        new Outcome.Removed(3, true),
                        new Outcome.Stored(4)),
                outcomes);
    }

    @Test
    void stateIsWhatTheCommandsSay() {
        apply(1, new Command.Put(A, ONE), new Command.Put(B, ONE), new Command.Announce("n1", "http://h:1"));
        apply(2, new Command.Put(A, TWO), new Command.Delete(B));

        assertEquals(Optional.of(new Entry(A, TWO, 1, 3, 2, 0)), store.get(A));
        assertEquals(Optional.empty(), store.get(B));
        assertEquals(Optional.of("http://h:1"), store.httpAddress("n1"));
        assertEquals(new Position(1, 2, 4, 1, 0), store.position());
    }

    @Test
    void entryWithoutCommandsMovesThePosition() {
        assertEquals(List.of(), apply(7));
        assertEquals(new Position(1, 7, 0, 0, 0), store.position());
    }

    private List<Outcome> apply(long index, Command... commands) {
        try (WriteTransaction transaction = store.begin(0)) {
            List<Outcome> outcomes = new CommandApplier()
                    .apply(new Batch(0, Stream.of(commands).map(Write::of).toList()), index, transaction);
            transaction.commit(1, index);
            return outcomes;
        }
    }
}
