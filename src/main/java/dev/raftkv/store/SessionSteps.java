package dev.raftkv.store;

import com.sleepycat.je.Transaction;
import dev.raftkv.codec.SessionCodec.Total;
import dev.raftkv.model.Change;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.model.Session;
import dev.raftkv.model.Session.Behavior;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What happens to sessions within one write transaction. */
final class SessionSteps {
    /** When an end has changed so many keys, the sessions that it names behind wait for the next one. */
    private static final long MANY_CHANGES = 1_000;

    private static final int KEYS_AT_ONCE = 1_000;

    /** So many delays that are over are forgotten for each new one, so that they do not pile up. */
    private static final int FORGOTTEN_FOR_ONE = 2;

    private final SessionTable sessions;
    private final Transaction transaction;
    private final long time;
    private final WriteTransaction keys;

    /** @param time of the transaction, in milliseconds of cluster time */
    SessionSteps(SessionTable sessions, Transaction transaction, long time, WriteTransaction keys) {
        this.sessions = sessions;
        this.transaction = transaction;
        this.time = time;
        this.keys = keys;
    }

    /** Why there cannot be another session, if so. */
    Optional<Reason> create(OfSession.Create create) {
        Total total = sessions.total(transaction);
        if (total.count() >= Session.MOST) {
            return Optional.of(Reason.TOO_MANY_SESSIONS);
        }
        long number = total.changes() + 1;
        sessions.put(
                transaction,
                new Session(
                        create.id(),
                        create.name(),
                        create.ttlMillis(),
                        create.behavior(),
                        create.lockDelayMillis(),
                        number,
                        0,
                        create.consul()));
        sessions.put(transaction, new Total(total.count() + 1, number));
        return Optional.empty();
    }

    boolean isThere(UUID id) {
        return sessions.get(transaction, id).isPresent();
    }

    /** The cluster time until which nobody else may have a key, 0 if anybody may. */
    long delayedUntil(Key key) {
        return sessions.delay(transaction, key).orElse(0);
    }

    /**
     * Gives a key to a session.
     *
     * @param has whose it is
     * @return why not, if so; then nothing is changed
     */
    Optional<Reason> take(Key key, UUID id, Optional<UUID> has) {
        Optional<Reason> refusal = refusal(key, id, has, 0);
        if (refusal.isEmpty() && has.isEmpty()) {
            give(key, id);
        }
        return refusal;
    }

    /** Gives a key that is nobody's to a session that can have it. */
    void give(Key key, UUID id) {
        Session session = sessions.get(transaction, id).orElseThrow();
        if (sessions.delay(transaction, key).isPresent()) {
            sessions.forgetDelay(transaction, key);
        }
        sessions.hold(transaction, id, key);
        sessions.put(transaction, session.having(session.keys() + 1));
    }

    /**
     * Why a session cannot have a key, if so.
     *
     * @param has whose it is
     * @param others how many keys it gets before this one
     */
    Optional<Reason> refusal(Key key, UUID id, Optional<UUID> has, int others) {
        Optional<Session> found = sessions.get(transaction, id);
        if (found.isEmpty()) {
            return Optional.of(Reason.NO_SUCH_SESSION);
        }
        if (has.isPresent()) {
            return has.get().equals(id) ? Optional.empty() : Optional.of(Reason.OTHER_SESSION);
        }
        if (sessions.delay(transaction, key).orElse(0) > time) {
            return Optional.of(Reason.LOCK_DELAY);
        }
        return found.get().keys() + others >= Session.MOST_KEYS
                ? Optional.of(Reason.TOO_MANY_KEYS_OF_SESSION)
                : Optional.empty();
    }

    /** A key that a session had is not there any more, or is nobody's. */
    void letGo(Key key, UUID id) {
        sessions.letGo(transaction, id, key);
        sessions.get(transaction, id)
                .ifPresent(session -> sessions.put(transaction, session.having(session.keys() - 1)));
    }

    /**
     * Ends sessions; see {@link OfSession.End}.
     *
     * @param kind of the change of a key that goes
     * @return how many of those that are named are not there any more
     */
    long end(List<UUID> ids, Change.Kind kind) {
        long changed = 0;
        int ended = 0;
        while (ended < ids.size() && changed < MANY_CHANGES) {
            Optional<Session> session = sessions.get(transaction, ids.get(ended));
            if (session.isPresent()) {
                changed += end(session.get(), kind);
            }
            ended++;
        }
        return ended;
    }

    private long end(Session session, Change.Kind kind) {
        Total total = sessions.total(transaction);
        sessions.put(transaction, new Total(total.count() - 1, total.changes() + 1));
        // Before its keys are let go: it needs no count of them any more.
        sessions.remove(transaction, session.id());
        long changed = 0;
        List<Key> some = sessions.keysOf(session.id(), Optional.empty(), KEYS_AT_ONCE);
        while (!some.isEmpty()) {
            forgetOver(some.size());
            for (Key key : some) {
                end(session, key, kind);
            }
            changed += some.size();
            some = sessions.keysOf(session.id(), Optional.of(some.get(some.size() - 1)), KEYS_AT_ONCE);
        }
        return changed;
    }

    private void end(Session session, Key key, Change.Kind kind) {
        if (session.behavior() == Behavior.DELETE) {
            keys.remove(key, kind);
        } else {
            keys.release(key);
        }
        if (session.lockDelayMillis() > 0) {
            sessions.delay(transaction, key, time + session.lockDelayMillis());
        }
    }

    /** All end at once, with the keys that they have: another keyspace comes, which has none. */
    void endAll(SessionTable next) {
        Total total = sessions.total(transaction);
        if (!total.equals(Total.NONE)) {
            next.put(transaction, new Total(0, total.changes() + 1));
        }
    }

    private void forgetOver(int added) {
        for (Key key : sessions.overdue(time, FORGOTTEN_FOR_ONE * added)) {
            sessions.forgetDelay(transaction, key);
        }
    }
}
