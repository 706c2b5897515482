package dev.raftkv.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final List<Runnable> answers = new ArrayList<>();
    private final Progress progress = new Progress(answers::add);

    private void answer() {
        List.copyOf(answers).forEach(Runnable::run);
        answers.clear();
    }

    private static KvException failure(CompletableFuture<?> read) {
        return assertInstanceOf(
                KvException.class,
                assertThrows(CompletionException.class, read::join).getCause());
    }

    @Test
    void whatIsReachedIsNotWaitedFor() {
        progress.reached(7, 3);

        assertTrue(progress.awaitIndex(7, LONG).isDone());
        assertTrue(progress.awaitRevision(3, LONG).isDone());
        assertFalse(progress.awaitIndex(8, LONG).isDone());
        assertFalse(progress.awaitRevision(4, LONG).isDone());
    }

    /** Whoever applies must not be held up by what a reader does with its answer. */
    @Test
    void readersAreAnsweredByTheThreadsForIt() {
        CompletableFuture<Void> index = progress.awaitIndex(2, LONG);
        CompletableFuture<Void> revision = progress.awaitRevision(5, LONG);
        progress.reached(2, 4);

        assertFalse(index.isDone());
        answer();
        assertTrue(index.isDone());
        assertFalse(revision.isDone());
        progress.reached(3, 5);
        answer();
        assertTrue(revision.isDone());
    }

    @Test
    void whoHasWaitedTooLongIsToldHowFarTheNodeIs() {
        progress.reached(4, 1);
        CompletableFuture<Void> late = progress.awaitIndex(9, Duration.ZERO);
        CompletableFuture<Void> patient = progress.awaitIndex(9, LONG);
        progress.expire();
        answer();

        assertEquals(Code.UNAVAILABLE, failure(late).code());
        assertTrue(failure(late).getMessage().contains("entry 9 in time, it is at 4"), failure(late)::getMessage);
        assertFalse(patient.isDone());
    }

    @Test
    void aReadIsBoundedWhateverItWaitsFor() {
        CompletableFuture<String> never = new CompletableFuture<>();
        CompletableFuture<String> read = progress.inTime(never, Duration.ZERO);
        progress.expire();
        answer();

        assertEquals(Code.UNAVAILABLE, failure(read).code());
    }

    @Test
    void aReadInTimeEndsAsItself() {
        CompletableFuture<String> well = new CompletableFuture<>();
        CompletableFuture<String> ill = new CompletableFuture<>();
        CompletableFuture<String> first = progress.inTime(well, LONG);
        CompletableFuture<String> second = progress.inTime(ill, LONG);
        well.complete("here");
        ill.completeExceptionally(new KvException(Code.NOT_LEADER, "not the leader"));

        assertEquals("here", first.join());
        assertEquals(Code.NOT_LEADER, failure(second).code());
    }

    @Test
    void readersThatWaitAreLimited() {
        for (int i = 0; i < 10_000; i++) {
            assertFalse(progress.awaitIndex(1, LONG).isDone());
        }
        assertEquals(Code.UNAVAILABLE, failure(progress.awaitIndex(1, LONG)).code());
        progress.reached(1, 0);
        answer();
        assertFalse(progress.awaitIndex(2, LONG).isDone());
    }
}
