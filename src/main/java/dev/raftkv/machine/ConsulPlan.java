package dev.raftkv.machine;

import dev.raftkv.model.Command;
import dev.raftkv.model.Command.OfConsul.Mode;
import dev.raftkv.model.ConsulError;
import dev.raftkv.model.ConsulError.Kind;
import dev.raftkv.model.ConsulOp;
import dev.raftkv.model.ConsulResult;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Hold;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.model.Prefix;
import dev.raftkv.store.WriteTransaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What operations of Consul's interface will do, found out before anything is changed: all of them are done or none is. Each sees
 * what those before it leave; a key that several of them change is changed once, or goes and comes anew. One that cannot be is
 * noted, and counts as not done for those behind.
 */
final class ConsulPlan {
    /** Of a key that is read, beside itself and its value: numbers and names in an answer. */
    private static final int OVERHEAD = 256;

    private final WriteTransaction transaction;
    private final Detail detail;

    /** What the operations so far leave of the keys that they change, in the order of the first changes; empty if nothing. */
    private final Map<Key, Optional<Entry>> left = new LinkedHashMap<>();

    /** How many keys each session gets; those that it has already count, too. */
    private final Map<UUID, Integer> taken = new HashMap<>();

    private final List<ConsulResult> results = new ArrayList<>();
    private final List<ConsulError> errors = new ArrayList<>();
    private int operation;
    private long bytesRead;
    private long keysRemoved;

    /** @param detail whether results are wanted */
    ConsulPlan(WriteTransaction transaction, Detail detail) {
        this.transaction = transaction;
        this.detail = detail;
    }

    /** Why they are too many to be looked at, if so. */
    Optional<Reason> lookAt(List<ConsulOp> operations) {
        for (ConsulOp each : operations) {
            if (each instanceof ConsulOp.GetTree tree) {
                readTree(tree.prefix());
            } else if (each instanceof ConsulOp.DeleteTree tree) {
                removeTree(tree.prefix());
            } else {
                lookAt(each);
            }
            if (bytesRead > CommandApplier.MAX_RESULT_BYTES) {
                return Optional.of(Reason.RESULT_TOO_LARGE);
            }
            if (keysRemoved > Command.DeleteRange.MOST_KEYS) {
                return Optional.of(Reason.RANGE_TOO_LARGE);
            }
            operation++;
        }
        return Optional.empty();
    }

    /** Of those that cannot be, in their order. */
    List<ConsulError> errors() {
        return errors;
    }

    /** What they show, in their order; none if nobody wants to see it. */
    List<ConsulResult> results() {
        return results;
    }

    /** Does it all, if there are no errors. */
    void carryOut() {
        left.forEach((key, entry) -> entry.ifPresentOrElse(transaction::put, () -> transaction.delete(key)));
    }

    private void lookAt(ConsulOp each) {
        if (each instanceof ConsulOp.Put put) {
            put(put, now(put.key()));
        } else if (each instanceof ConsulOp.Get get) {
            get(get, now(get.key()));
        } else if (each instanceof ConsulOp.CheckIndex check) {
            check(check, now(check.key()));
        } else if (each instanceof ConsulOp.CheckSession check) {
            check(check, now(check.key()));
        } else if (each instanceof ConsulOp.CheckNotExists check) {
            if (now(check.key()).isPresent()) {
                fail(Kind.KEY_THERE);
            }
        } else if (each instanceof ConsulOp.Delete delete) {
            delete(delete, now(delete.key()));
        }
    }

    private Optional<Entry> now(Key key) {
        Optional<Entry> changed = left.get(key);
        return changed == null ? transaction.get(key) : changed;
    }

    private void fail(Kind kind) {
        errors.add(new ConsulError(operation, kind));
    }

    private void show(Key key, Optional<Entry> entry, boolean read) {
        if (detail == Detail.VALUES) {
            results.add(new ConsulResult(key, entry, read));
        }
    }

    private void put(ConsulOp.Put put, Optional<Entry> before) {
        Optional<Kind> obstacle = obstacle(put, before);
        if (obstacle.isPresent()) {
            fail(obstacle.get());
            return;
        }
        Optional<Hold> had = before.flatMap(Entry::hold);
        Entry after = before.filter(entry -> hasAll(entry, put)).orElseGet(() -> changed(put, before, had));
        show(put.key(), Optional.of(after), false);
    }

    /** Why it cannot be, if so. */
    private Optional<Kind> obstacle(ConsulOp.Put put, Optional<Entry> before) {
        Optional<UUID> holder = before.flatMap(Entry::hold).map(Hold::session);
        if (put.mode() instanceof Mode.Cas cas) {
            return revisionOf(before) == cas.revision() ? Optional.empty() : Optional.of(Kind.STALE);
        }
        if (put.mode() instanceof Mode.Release release) {
            return holder.equals(Optional.of(release.session())) ? Optional.empty() : Optional.of(Kind.NOT_HELD);
        }
        if (put.mode() instanceof Mode.Acquire acquire) {
            int others = taken.getOrDefault(acquire.session(), 0);
            return transaction
                    .refusal(put.key(), acquire.session(), holder, others)
                    .map(ConsulPlan::kind);
        }
        return Optional.empty();
    }

    private static Kind kind(Reason refusal) {
        return switch (refusal) {
            case NO_SUCH_SESSION -> Kind.NO_SUCH_SESSION;
            case OTHER_SESSION -> Kind.HELD;
            case LOCK_DELAY -> Kind.LOCK_DELAY;
            case TOO_MANY_KEYS_OF_SESSION -> Kind.TOO_MANY_KEYS_OF_SESSION;
            default -> throw new IllegalStateException("a session cannot have a key: " + refusal);
        };
    }

    private static long revisionOf(Optional<Entry> entry) {
        return entry.map(Entry::changeRevision).orElse(0L);
    }

    /** Whether all is there already that a put would store. */
    private static boolean hasAll(Entry entry, ConsulOp.Put put) {
        boolean holds =
                put.mode() instanceof Mode.Acquire ? entry.hold().isPresent() : !(put.mode() instanceof Mode.Release);
        return holds
                && entry.expiresAt() == 0
                && entry.flags() == put.flags()
                && entry.value().equals(put.value());
    }

    private Entry changed(ConsulOp.Put put, Optional<Entry> before, Optional<Hold> had) {
        long change = transaction.nextRevision();
        Optional<Hold> has = put.mode() instanceof Mode.Release ? Optional.empty() : had;
        long lockIndex = before.map(Entry::lockIndex).orElse(0L);
        if (put.mode() instanceof Mode.Acquire acquire && had.isEmpty()) {
            has = Optional.of(new Hold(acquire.session(), change));
            lockIndex++;
            taken.merge(acquire.session(), 1, Integer::sum);
        }
        Entry after = new Entry(
                put.key(),
                put.value(),
                before.map(Entry::createRevision).orElse(change),
                change,
                before.map(entry -> entry.version() + (entry.changeRevision() == change ? 0 : 1))
                        .orElse(1L),
                0,
                has,
                put.flags(),
                lockIndex);
        left.put(put.key(), Optional.of(after));
        return after;
    }

    private void get(ConsulOp.Get get, Optional<Entry> entry) {
        if (entry.isEmpty() && !get.orEmpty()) {
            fail(Kind.NO_KEY);
            return;
        }
        read(get.key(), entry.map(found -> found.value().length()).orElse(0));
        show(get.key(), entry, true);
    }

    private void read(Key key, int length) {
        bytesRead += OVERHEAD + key.utf8().length + length;
    }

    private void check(ConsulOp.CheckIndex check, Optional<Entry> entry) {
        if (entry.isEmpty()) {
            fail(Kind.NO_KEY);
        } else if (entry.get().changeRevision() != check.revision()) {
            errors.add(
                    new ConsulError(operation, Kind.OTHER_REVISION, entry.get().changeRevision(), Optional.empty()));
        } else {
            show(check.key(), entry, false);
        }
    }

    private void check(ConsulOp.CheckSession check, Optional<Entry> entry) {
        Optional<UUID> holder = entry.flatMap(Entry::hold).map(Hold::session);
        if (entry.isEmpty()) {
            fail(Kind.NO_KEY);
        } else if (!holder.equals(check.session())) {
            errors.add(new ConsulError(operation, Kind.OTHER_SESSION, 0, holder));
        } else {
            show(check.key(), entry, false);
        }
    }

    private void delete(ConsulOp.Delete delete, Optional<Entry> entry) {
        if (entry.isEmpty()) {
            return;
        }
        if (delete.revision().orElse(revisionOf(entry)) == revisionOf(entry)) {
            left.put(delete.key(), Optional.empty());
        } else {
            fail(Kind.STALE);
        }
    }

    private void readTree(Prefix prefix) {
        Map<Key, Integer> lengths = new TreeMap<>(Comparator.comparing(Key::utf8, Arrays::compareUnsigned));
        lengths.putAll(untouched(prefix, ConsulOp.GetTree.MOST_KEYS));
        touched(prefix)
                .forEach(key ->
                        lengths.put(key, left.get(key).orElseThrow().value().length()));
        lengths.forEach(this::read);
        if (bytesRead <= CommandApplier.MAX_RESULT_BYTES && detail == Detail.VALUES) {
            lengths.keySet().forEach(key -> show(key, now(key), true));
        }
    }

    private void removeTree(Prefix prefix) {
        List<Key> keys = new ArrayList<>(touched(prefix));
        int most = (int) Math.max(0, Command.DeleteRange.MOST_KEYS - keysRemoved);
        keys.addAll(untouched(prefix, most).keySet());
        keysRemoved += keys.size();
        keys.forEach(key -> left.put(key, Optional.empty()));
    }

    /** Keys of a prefix that the operations so far leave as they are, in their order, with the lengths of their values. */
    private Map<Key, Integer> untouched(Prefix prefix, int most) {
        return transaction.ranges().first(prefix, List.of(), key -> !left.containsKey(key), most + 1);
    }

    /** Keys of a prefix that they have changed, and that are there. */
    private List<Key> touched(Prefix prefix) {
        return left.entrySet().stream()
                .filter(each -> each.getValue().isPresent() && prefix.covers(each.getKey()))
                .map(Map.Entry::getKey)
                .toList();
    }
}
