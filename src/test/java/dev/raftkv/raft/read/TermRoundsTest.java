package dev.raftkv.raft.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.junit.jupiter.api.Test;

class TermRoundsTest {
    private static final RaftPeerId SELF = RaftPeerId.valueOf("self");
    private static final RaftPeerId B = RaftPeerId.valueOf("b");
    private static final RaftPeerId C = RaftPeerId.valueOf("c");
    private static final Duration PATIENCE = Duration.ofMillis(100);

    private Optional<Lead> lead = Optional.of(lead(5, SELF, B, C));
    private final Map<RaftPeerId, CompletableFuture<Long>> asked = new LinkedHashMap<>();
    private Set<RaftPeerId> away = Set.of();
    private long now;
    private final TermRounds rounds = new TermRounds(SELF, () -> lead, this::ask, PATIENCE, () -> now);

    private static Lead lead(long index, RaftPeerId... voters) {
        return new Lead(RaftGroupId.emptyGroupId(), 3, index, List.of(voters));
    }

    private Optional<CompletableFuture<Long>> ask(Lead by, RaftPeerId voter) {
        assertEquals(lead, Optional.of(by));
        if (away.contains(voter)) {
            return Optional.empty();
        }
        return Optional.of(asked.computeIfAbsent(voter, id -> new CompletableFuture<>()));
    }

    @Test
    void theIndexIsThatOfBeforeTheQuestions() {
        CompletableFuture<OptionalLong> index = rounds.begin();
        assertEquals(Set.of(B, C), asked.keySet());
        lead = Optional.of(lead(9, SELF, B, C));
        assertFalse(index.isDone());
        asked.get(C).complete(3L);
        assertEquals(OptionalLong.of(5), index.join());
    }

    @Test
    void aLaterTermLeavesNoIndex() {
        CompletableFuture<OptionalLong> index = rounds.begin();
        asked.get(C).complete(4L);
        asked.get(B).complete(3L);
        assertEquals(OptionalLong.empty(), index.join());
    }

    @Test
    void whoDoesNotLeadReadilyAsksNobody() {
        lead = Optional.empty();
        assertEquals(OptionalLong.empty(), rounds.begin().join());
        assertEquals(Set.of(), asked.keySet());
    }

    @Test
    void whoIsTheOnlyVoterAsksNobody() {
        lead = Optional.of(lead(5, SELF));
        assertEquals(OptionalLong.of(5), rounds.begin().join());
        assertEquals(Set.of(), asked.keySet());
    }

    /** Its own removal is in its log already. */
    @Test
    void aLeaderThatIsNoVoterDoesNotCountItself() {
        lead = Optional.of(lead(5, B, C));
        CompletableFuture<OptionalLong> index = rounds.begin();
        asked.get(B).complete(3L);
        assertFalse(index.isDone());
        asked.get(C).complete(3L);
        assertEquals(OptionalLong.of(5), index.join());
    }

    @Test
    void thereIsNoIndexWhenTooFewCanBeAskedOrAnswer() {
        away = Set.of(B, C);
        assertEquals(OptionalLong.empty(), rounds.begin().join());
        away = Set.of(B);
        CompletableFuture<OptionalLong> index = rounds.begin();
        asked.get(C).completeExceptionally(new IOException("for this test"));
        assertEquals(OptionalLong.empty(), index.join());
    }

    @Test
    void aRoundEndsWhenItsTimeIsOver() {
        CompletableFuture<OptionalLong> index = rounds.begin();
        now += PATIENCE.toNanos() - 1;
        rounds.expire();
        assertFalse(index.isDone());
        now++;
        rounds.expire();
        assertEquals(OptionalLong.empty(), index.join());
        asked.get(B).complete(3L);
        assertEquals(OptionalLong.empty(), index.join());
    }
}
