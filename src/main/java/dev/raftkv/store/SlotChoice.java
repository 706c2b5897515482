package dev.raftkv.store;

import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.Hold;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome.Reason;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Which slot of a semaphore a session gets, alike on all nodes: the one that it has, or the first that is free.
 *
 * @param refusal why none
 * @param until the cluster time from which on there may be one whatever else happens; {@link Long#MAX_VALUE} for never
 */
record SlotChoice(Optional<Key> key, Optional<Reason> refusal, long until) {
    /**
     * All slots count that any semaphore with the prefix may have: where one had more, nobody gets another before enough were let
     * go. One whose holder has ended just now counts, too: it may still do what the slot stands for.
     *
     * @param holds who has a key
     * @param delays until when nobody else may have it; 0 if anybody may
     */
    static SlotChoice of(
            OfSession.Slot wanted, Function<Key, Optional<Hold>> holds, ToLongFunction<Key> delays, long time) {
        int held = 0;
        int delayed = 0;
        long until = Long.MAX_VALUE;
        Optional<Key> free = Optional.empty();
        for (int number = 1; number <= OfSession.Slot.MOST; number++) {
            Key key = wanted.key(number);
            Optional<Hold> hold = holds.apply(key);
            if (hold.isPresent()) {
                if (hold.get().session().equals(wanted.session())) {
                    return new SlotChoice(Optional.of(key), Optional.empty(), until);
                }
                held++;
                continue;
            }
            long delay = delays.applyAsLong(key);
            if (delay > time) {
                delayed++;
                until = Math.min(until, delay);
            } else if (free.isEmpty()) {
                free = Optional.of(key);
            }
        }
        if (held >= wanted.slots()) {
            return new SlotChoice(Optional.empty(), Optional.of(Reason.NO_SLOT), Long.MAX_VALUE);
        }
        // So many are neither held nor delayed that the first of them is within the semaphore.
        return held + delayed < wanted.slots()
                ? new SlotChoice(free, Optional.empty(), until)
                : new SlotChoice(Optional.empty(), Optional.of(Reason.LOCK_DELAY), until);
    }
}
