package dev.raftkv.raft.members;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class VotesTest {
    private static final long LONG = TimeUnit.HOURS.toMillis(1);

    private static final CompletableFuture<Boolean> GRANTED = CompletableFuture.completedFuture(true);
    private static final CompletableFuture<Boolean> REFUSED = CompletableFuture.completedFuture(false);
    private static final CompletableFuture<Boolean> FAILED =
            CompletableFuture.failedFuture(new IllegalStateException("for this test"));

    @Test
    void aMemberThatSaysNothingHoldsUpNoMajority() {
        assertTrue(new Votes(List.of(new CompletableFuture<>(), GRANTED, FAILED, GRANTED)).reach(2, LONG));
    }

    @Test
    void whenAllAreAnsweredNobodyWaits() {
        assertFalse(new Votes(List.of(REFUSED, GRANTED, FAILED)).reach(2, LONG));
        assertFalse(new Votes(List.of()).reach(1, LONG));
    }

    @Test
    void theLastOneCounts() {
        CompletableFuture<Boolean> last = new CompletableFuture<>();
        CompletableFuture<Boolean> reached =
                CompletableFuture.supplyAsync(() -> new Votes(List.of(GRANTED, last)).reach(2, LONG));
        last.complete(true);
        assertTrue(reached.join());
    }

    @Test
    void theTimeEnds() {
        assertFalse(new Votes(List.of(new CompletableFuture<>())).reach(1, 1));
    }
}
