package dev.raftkv.raft.read;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.protocol.RaftPeerId;

/** Counts the answers to one round of questions for the current term. Each voter counts once. Thread-safe. */
final class Round {
    private final long term;
    private final Set<RaftPeerId> silent;
    private final CompletableFuture<Boolean> end = new CompletableFuture<>();
    private int wanted;

    /**
     * @param term in which the one who asks leads
     * @param wanted how many answers make a majority with what is known already
     * @param asked those who were asked
     */
    Round(long term, int wanted, Collection<RaftPeerId> asked) {
        this.term = term;
        this.wanted = wanted;
        this.silent = new HashSet<>(asked);
        look();
    }

    /**
     * Ends as soon as it is known: true if so many are in this term or an earlier one, false if one is in a later term, or
     * too few can be heard. By whoever brings what decides it.
     */
    CompletableFuture<Boolean> end() {
        return end;
    }

    void answered(RaftPeerId voter, long current) {
        boolean later = current > term;
        synchronized (this) {
            if (!silent.remove(voter)) {
                return;
            }
            // Another thread may look before this one has ended the round.
            wanted -= later ? 0 : 1;
        }
        if (later) {
            end.complete(false);
        } else {
            look();
        }
    }

    /** No answer will come of it. */
    void failed(RaftPeerId voter) {
        synchronized (this) {
            silent.remove(voter);
        }
        look();
    }

    /** It has taken too long. */
    void giveUp() {
        end.complete(false);
    }

    private void look() {
        boolean enough;
        boolean tooFew;
        synchronized (this) {
            enough = wanted <= 0;
            tooFew = wanted > silent.size();
        }
        if (enough || tooFew) {
            end.complete(enough);
        }
    }
}
