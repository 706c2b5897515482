package dev.raftkv.testkit;

import dev.raftkv.model.Batch;
import dev.raftkv.model.Change;
import dev.raftkv.model.Command;
import dev.raftkv.model.Command.OfConsul.Mode;
import dev.raftkv.model.Compare;
import dev.raftkv.model.ConsulError;
import dev.raftkv.model.ConsulOp;
import dev.raftkv.model.ConsulResult;
import dev.raftkv.model.Counter;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Hold;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Session;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.TxnOp.Result;
import dev.raftkv.model.Value;
import dev.raftkv.model.Write;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;

/** What a store should do, in maps and lists: plain enough to be seen to be right. */
public final class StateModel implements Command.Visitor<Outcome> {
    /** Of all entries: a model has no elections. */
    private static final long TERM = 1;

    private static final long OLD = 15 * 60_000;

    private record Removal(long revision, long at) {}

    private record Remembered(String fingerprint, Outcome outcome) {}

    private final TreeMap<String, Entry> entries = new TreeMap<>();
    private final List<Change> changes = new ArrayList<>();
    private final TreeMap<UUID, Session> sessions = new TreeMap<>(Comparator.comparing(UUID::toString));
    private final Map<String, Long> delays = new HashMap<>();
    private long sessionChanges;
    private boolean previous;
    private final Map<String, Remembered> requests = new HashMap<>();
    private final TreeMap<String, Removal> removals = new TreeMap<>();
    private int level;
    private int mayForget;
    private long revision;
    private long time;
    private long index;
    private int changesOfCommand;

    /** The outcomes of an entry of the log. */
    public List<Outcome> apply(Batch batch, long entryIndex) {
        time = Math.max(time, batch.time());
        index = entryIndex;
        List<Outcome> outcomes = new ArrayList<>();
        for (Write write : batch.writes()) {
            changesOfCommand = 0;
            level = Math.max(level, write.command().logLevel());
            outcomes.add(apply(write));
        }
        removals.entrySet().stream()
                .filter(removal -> time - removal.getValue().at() > OLD)
                .sorted(Comparator.comparing((Map.Entry<String, Removal> removal) ->
                                removal.getValue().revision())
                        .thenComparing(Map.Entry::getKey))
                .limit(mayForget)
                .map(Map.Entry::getKey)
                .toList()
                .forEach(removals::remove);
        mayForget = 0;
        return outcomes;
    }

    private boolean isForConsul() {
        return level >= 12;
    }

    private Outcome apply(Write write) {
        if (write.requestId().isEmpty()) {
            return applyOnce(write);
        }
        String key = write.requestId().get().key();
        String fingerprint = write.requestId().get().fingerprint();
        Remembered known = requests.get(key);
        if (known != null) {
            return known.fingerprint.equals(fingerprint)
                    ? recall(known.outcome)
                    : new Outcome.Rejected(revision, Reason.REQUEST_KEY_REUSED, 0);
        }
        Outcome outcome = applyOnce(write);
        requests.put(key, new Remembered(fingerprint, outcome));
        return outcome;
    }

    /** A value that was read is answered again while its key still is at that revision. */
    private Outcome recall(Outcome remembered) {
        if (!(remembered instanceof Outcome.TxnDone done)) {
            return remembered;
        }
        List<Result> results = new ArrayList<>();
        for (Result result : done.results()) {
            if (result instanceof Result.OfOne one) {
                results.add(recall(one));
            } else if (result instanceof Result.RangeFetched range) {
                results.add(new Result.RangeFetched(
                        range.prefix(), range.found().stream().map(this::recall).toList(), range.more()));
            } else {
                results.add(result);
            }
        }
        return new Outcome.TxnDone(done.revision(), done.succeeded(), results);
    }

    private Result.OfOne recall(Result.OfOne result) {
        if (!(result instanceof Result.Fetched fetched) || fetched.entry().isEmpty()) {
            return result;
        }
        Entry read = fetched.entry().get();
        return read.equals(entries.get(read.key().text()))
                ? result
                : new Result.Seen(read.key(), read.createRevision(), read.changeRevision(), read.version());
    }

    private Outcome applyOnce(Write write) {
        Key key = write.command() instanceof Command.Put put
                ? put.key()
                : write.command() instanceof Command.Add add
                        ? add.key()
                        : write.command() instanceof Command.OfSession step
                                ? keyOf(step)
                                : write.command() instanceof Command.Delete delete ? delete.key() : null;
        if (key != null) {
            Entry entry = entries.get(key.text());
            long changed = entry == null ? 0 : entry.changeRevision();
            if (!write.precondition().holds(changed)) {
                return new Outcome.Rejected(revision, Reason.PRECONDITION, changed);
            }
        }
        return write.command().accept(this);
    }

    private static Key keyOf(Command.OfSession step) {
        if (step instanceof Command.OfSession.Put put) {
            return put.key();
        }
        if (step instanceof Command.OfSession.Release release) {
            return release.key();
        }
        return step instanceof Command.OfSession.Delete delete ? delete.key() : null;
    }

    private Entry store(Key key, JsonText value, long ttlMillis) {
        return storeUntil(key, value, ttlMillis == 0 ? 0 : time + ttlMillis);
    }

    private Entry storeUntil(Key key, JsonText value, long expiresAt) {
        Entry old = entries.get(key.text());
        return store(key, value, expiresAt, old == null ? Optional.empty() : old.hold());
    }

    private Entry store(Key key, JsonText value, long expiresAt, Optional<Hold> hold) {
        return store(key, Value.of(value), expiresAt, hold);
    }

    private Entry store(Key key, Value value, long expiresAt, Optional<Hold> hold) {
        Entry old = entries.get(key.text());
        long now = change();
        long turn =
                isForConsul() && hold.isPresent() && (old == null || old.hold().isEmpty()) ? 1 : 0;
        return store(
                old == null
                        ? new Entry(key, value, now, now, 1, expiresAt, hold, 0, turn)
                        : new Entry(
                                key,
                                value,
                                old.createRevision(),
                                now,
                                old.version() + 1,
                                expiresAt,
                                hold,
                                old.flags(),
                                old.lockIndex() + turn));
    }

    /** At the revision that it has. */
    private Entry store(Entry entry) {
        Key key = entry.key();
        long now = entry.changeRevision();
        Entry old = entries.put(key.text(), entry);
        removals.remove(key.text());
        changes.add(new Change(now, changesOfCommand - 1, Change.Kind.PUT, key, Optional.of(entry), kept(old)));
        return entry;
    }

    private boolean remove(Key key, Change.Kind kind) {
        Entry old = entries.remove(key.text());
        if (old == null) {
            return false;
        }
        long now = change();
        changes.add(new Change(now, changesOfCommand - 1, kind, key, Optional.empty(), kept(old)));
        if (isForConsul()) {
            removals.put(key.text(), new Removal(now, time));
            mayForget += 2;
        }
        return true;
    }

    private Optional<Entry> kept(Entry old) {
        return previous ? Optional.ofNullable(old) : Optional.empty();
    }

    private long change() {
        return changesOfCommand++ == 0 ? ++revision : revision;
    }

    @Override
    public Outcome put(Command.Put put) {
        store(put.key(), put.value(), put.ttlMillis());
        return new Outcome.Stored(revision);
    }

    @Override
    public Outcome delete(Command.Delete delete) {
        boolean existed = remove(delete.key(), Change.Kind.DELETE);
        return new Outcome.Removed(revision, existed);
    }

    @Override
    public Outcome add(Command.Add add) {
        Optional<Reason> refusal = refusal(add.key(), add.by());
        if (refusal.isPresent()) {
            return new Outcome.Rejected(revision, refusal.get(), 0);
        }
        Entry sum = sum(add.key(), add.by());
        return new Outcome.Added(
                revision, new Counter(new BigInteger(sum.value().toString())));
    }

    private Optional<Reason> refusal(Key key, Counter by) {
        Entry old = entries.get(key.text());
        String value = old == null ? "0" : old.value().isJson() ? old.value().toString() : "none";
        if (!value.matches("-?[0-9]+")) {
            return Optional.of(Reason.NO_COUNTER);
        }
        return new BigInteger(value).add(by.number()).abs().toString().length() > 1000
                ? Optional.of(Reason.COUNTER_TOO_LONG)
                : Optional.empty();
    }

    private Entry sum(Key key, Counter by) {
        Entry old = entries.get(key.text());
        BigInteger before =
                old == null ? BigInteger.ZERO : new BigInteger(old.value().toString());
        JsonText value = new JsonText(before.add(by.number()).toString().getBytes(StandardCharsets.UTF_8));
        return storeUntil(key, value, old == null ? 0 : old.expiresAt());
    }

    @Override
    public Outcome append(Command.Append append) {
        Key key = Key.of(append.prefix() + "%020d".formatted(revision + 1));
        if (entries.containsKey(key.text())) {
            return new Outcome.Rejected(revision, Reason.KEY_TAKEN, 0);
        }
        store(key, append.value(), append.ttlMillis());
        return new Outcome.Stored(revision);
    }

    @Override
    public Outcome deleteRange(Command.DeleteRange range) {
        List<Key> keys = keys(range.prefix());
        keys.forEach(key -> remove(key, Change.Kind.DELETE));
        return new Outcome.RangeRemoved(revision, keys.size());
    }

    private List<Key> keys(Prefix prefix) {
        return entries.values().stream().map(Entry::key).filter(prefix::covers).toList();
    }

    private boolean holds(Compare compare) {
        if (compare instanceof Compare.OfKey one) {
            return one.holds(Optional.ofNullable(entries.get(one.key().text())));
        }
        List<Key> keys = keys(((Compare.OfRange) compare).prefix());
        return compare instanceof Compare.Count count
                ? count.holds(keys.size())
                : keys.stream()
                        .mapToLong(key -> entries.get(key.text()).changeRevision())
                        .allMatch(((Compare.Revisions) compare)::holds);
    }

    @Override
    public Outcome txn(Command.Txn txn) {
        boolean holds = true;
        for (Compare compare : txn.compares()) {
            holds &= holds(compare);
        }
        List<TxnOp> operations = holds ? txn.then() : txn.otherwise();
        // Each key is changed once, so the sums and the holders are those of now.
        for (TxnOp operation : operations) {
            if (operation instanceof TxnOp.OfSession held) {
                Optional<Reason> refusal = refusal(held);
                if (refusal.isPresent()) {
                    return new Outcome.Rejected(revision, refusal.get(), 0);
                }
            }
            if (operation instanceof TxnOp.Add add) {
                Optional<Reason> refusal = refusal(add.key(), add.by());
                if (refusal.isPresent()) {
                    return new Outcome.Rejected(revision, refusal.get(), 0);
                }
            }
        }
        List<Result> results = new ArrayList<>();
        for (TxnOp operation : operations) {
            if (operation instanceof TxnOp.DeleteRange range) {
                List<Key> keys = keys(range.prefix());
                keys.forEach(key -> remove(key, Change.Kind.DELETE));
                results.add(new Result.RangeRemoved(range.prefix(), keys.size()));
                continue;
            }
            if (operation instanceof TxnOp.GetRange range) {
                List<Key> keys = keys(range.prefix());
                results.add(new Result.RangeFetched(
                        range.prefix(),
                        keys.stream()
                                .limit(range.most())
                                .<Result.OfOne>map(key -> new Result.Fetched(key, Optional.of(entries.get(key.text()))))
                                .toList(),
                        keys.size() > range.most()));
                continue;
            }
            Key key = ((TxnOp.OfKey) operation).key();
            if (operation instanceof TxnOp.OfSession held) {
                results.add(run(held));
                continue;
            }
            if (operation instanceof TxnOp.Put put) {
                Entry entry = store(key, put.value(), put.ttlMillis());
                results.add(new Result.Stored(key, entry.createRevision(), entry.changeRevision(), entry.version()));
            } else if (operation instanceof TxnOp.Add add) {
                Entry entry = sum(key, add.by());
                results.add(new Result.Added(
                        key,
                        new Counter(new BigInteger(entry.value().toString())),
                        entry.createRevision(),
                        entry.changeRevision(),
                        entry.version()));
            } else if (operation instanceof TxnOp.Delete) {
                results.add(new Result.Removed(key, remove(key, Change.Kind.DELETE)));
            } else {
                results.add(new Result.Fetched(key, Optional.ofNullable(entries.get(key.text()))));
            }
        }
        return new Outcome.TxnDone(revision, holds, results);
    }

    @Override
    public Outcome expire(Command.Expire expire) {
        List<Entry> over = entries.values().stream()
                .filter(entry -> entry.expiresAt() != 0 && entry.expiresAt() <= time)
                .sorted(Comparator.comparingLong(Entry::expiresAt)
                        .thenComparing(entry -> entry.key().text()))
                .toList();
        over.forEach(entry -> remove(entry.key(), Change.Kind.EXPIRE));
        mayForget += isForConsul() ? 1000 : 0;
        return new Outcome.RangeRemoved(revision, over.size());
    }

    @Override
    public Outcome barrier(Command.Barrier barrier) {
        return new Outcome.Passed(revision, index);
    }

    @Override
    public Outcome restore(Command.Restore restore) {
        throw new UnsupportedOperationException("restores have a test of their own");
    }

    @Override
    public Outcome session(Command.OfSession step) {
        if (step instanceof Command.OfSession.Create create) {
            sessions.put(
                    create.id(),
                    new Session(
                            create.id(),
                            create.name(),
                            create.ttlMillis(),
                            create.behavior(),
                            create.lockDelayMillis(),
                            ++sessionChanges,
                            0,
                            create.consul()));
            return new Outcome.SessionMade(revision, create.id());
        }
        if (step instanceof Command.OfSession.Put put) {
            Optional<Reason> refusal = refusal(put);
            if (refusal.isPresent()) {
                return new Outcome.Rejected(revision, refusal.get(), 0);
            }
            Hold hold = hold(put.key()).orElse(new Hold(put.session(), revision + 1));
            store(put.key(), put.value(), 0, Optional.of(hold));
            return new Outcome.Held(revision, hold);
        }
        if (step instanceof Command.OfSession.Slot slot) {
            return slot(slot);
        }
        if (step instanceof Command.OfSession.Release release) {
            if (!has(release.session(), release.key())) {
                return new Outcome.Rejected(revision, Reason.NOT_HELD, 0);
            }
            store(release.key(), release.value(), 0, Optional.empty());
            return new Outcome.Stored(revision);
        }
        if (step instanceof Command.OfSession.Delete delete) {
            if (entries.containsKey(delete.key().text()) && !has(delete.session(), delete.key())) {
                return new Outcome.Rejected(revision, Reason.NOT_HELD, 0);
            }
            boolean existed = remove(delete.key(), Change.Kind.DELETE);
            return new Outcome.Removed(revision, existed);
        }
        Command.OfSession.End end = (Command.OfSession.End) step;
        if (end.term() > TERM) {
            return new Outcome.SessionsEnded(revision, 0);
        }
        end.ids().forEach(id -> end(id, end.term() == 0 ? Change.Kind.DELETE : Change.Kind.EXPIRE));
        return new Outcome.SessionsEnded(revision, end.ids().size());
    }

    private Outcome slot(Command.OfSession.Slot slot) {
        List<Key> keys = IntStream.rangeClosed(1, 256)
                .mapToObj(number -> Key.of(slot.prefix() + "%03d".formatted(number)))
                .toList();
        List<Key> held = keys.stream().filter(key -> hold(key).isPresent()).toList();
        List<Key> busy = keys.stream()
                .filter(key -> hold(key).isPresent() || delays.getOrDefault(key.text(), 0L) > time)
                .toList();
        Optional<Key> own =
                held.stream().filter(key -> has(slot.session(), key)).findFirst();
        Reason refusal = !sessions.containsKey(slot.session())
                ? Reason.NO_SUCH_SESSION
                : held.size() >= slot.slots() ? Reason.NO_SLOT : Reason.LOCK_DELAY;
        if (refusal == Reason.NO_SUCH_SESSION || own.isEmpty() && busy.size() >= slot.slots()) {
            return new Outcome.Rejected(revision, refusal, 0);
        }
        Key key = own.orElseGet(() ->
                keys.stream().filter(each -> !busy.contains(each)).findFirst().orElseThrow());
        Hold hold = hold(key).orElse(new Hold(slot.session(), revision + 1));
        store(key, slot.value(), 0, Optional.of(hold));
        return new Outcome.Held(revision, hold, Optional.of(key));
    }

    private Optional<Hold> hold(Key key) {
        return Optional.ofNullable(entries.get(key.text())).flatMap(Entry::hold);
    }

    private boolean has(UUID session, Key key) {
        return hold(key).map(Hold::session).equals(Optional.of(session));
    }

    private Optional<Reason> refusal(TxnOp.OfSession operation) {
        if (operation instanceof TxnOp.Take take) {
            return refusal(new Command.OfSession.Put(take.key(), take.value(), take.session()));
        }
        boolean isGone = operation instanceof TxnOp.DeleteHeld
                && !entries.containsKey(operation.key().text());
        return isGone || has(operation.session(), operation.key()) ? Optional.empty() : Optional.of(Reason.NOT_HELD);
    }

    private Result run(TxnOp.OfSession operation) {
        Key key = operation.key();
        if (operation instanceof TxnOp.Take take) {
            long next = changesOfCommand == 0 ? revision + 1 : revision;
            Hold hold = hold(key).orElse(new Hold(take.session(), next));
            Entry entry = store(key, take.value(), 0, Optional.of(hold));
            return new Result.Taken(key, entry.createRevision(), entry.changeRevision(), entry.version(), hold);
        }
        if (operation instanceof TxnOp.Release release) {
            Entry entry = store(key, release.value(), 0, Optional.empty());
            return new Result.Stored(key, entry.createRevision(), entry.changeRevision(), entry.version());
        }
        return new Result.Removed(key, remove(key, Change.Kind.DELETE));
    }

    private Optional<Reason> refusal(Command.OfSession.Put put) {
        if (!sessions.containsKey(put.session())) {
            return Optional.of(Reason.NO_SUCH_SESSION);
        }
        Optional<UUID> has = hold(put.key()).map(Hold::session);
        if (has.isPresent()) {
            return has.get().equals(put.session()) ? Optional.empty() : Optional.of(Reason.OTHER_SESSION);
        }
        return delays.getOrDefault(put.key().text(), 0L) > time ? Optional.of(Reason.LOCK_DELAY) : Optional.empty();
    }

    private void end(UUID id, Change.Kind kind) {
        Session session = sessions.remove(id);
        if (session == null) {
            return;
        }
        sessionChanges++;
        List<Entry> has =
                entries.values().stream().filter(entry -> has(id, entry.key())).toList();
        for (Entry entry : has) {
            if (session.behavior() == Session.Behavior.DELETE) {
                remove(entry.key(), kind);
            } else {
                store(entry.key(), entry.value(), entry.expiresAt(), Optional.empty());
            }
            if (session.lockDelayMillis() > 0) {
                delays.put(entry.key().text(), time + session.lockDelayMillis());
            }
        }
    }

    /** Each with the number of its keys. */
    public List<Session> sessions() {
        return sessions.values().stream()
                .map(session -> session.having(entries.values().stream()
                        .filter(entry -> has(session.id(), entry.key()))
                        .count()))
                .toList();
    }

    @Override
    public Outcome consul(Command.OfConsul step) {
        if (step instanceof Command.OfConsul.Txn txn) {
            return consul(txn.operations());
        }
        if (step instanceof Command.OfConsul.Open) {
            return new Outcome.Passed(revision, index);
        }
        ConsulOp one = step instanceof Command.OfConsul.Put put
                ? new ConsulOp.Put(put.key(), put.value(), put.flags(), put.mode())
                : new ConsulOp.Delete(
                        ((Command.OfConsul.Delete) step).key(), ((Command.OfConsul.Delete) step).revision());
        Outcome.ConsulDone done = consul(List.of(one));
        boolean noSession = done.errors().stream().anyMatch(e -> e.kind() == ConsulError.Kind.NO_SUCH_SESSION);
        return noSession
                ? new Outcome.Rejected(revision, Reason.NO_SUCH_SESSION, 0)
                : new Outcome.Done(revision, done.errors().isEmpty());
    }

    /** Does all of it on a copy, and takes over of that what has become of each key. */
    private Outcome.ConsulDone consul(List<ConsulOp> operations) {
        Map<String, Entry> scratch = new TreeMap<>(entries);
        Set<Key> touched = new LinkedHashSet<>();
        List<ConsulResult> results = new ArrayList<>();
        List<ConsulError> errors = new ArrayList<>();
        for (int i = 0; i < operations.size(); i++) {
            Optional<ConsulError> error = consul(i, operations.get(i), scratch, touched, results);
            error.ifPresent(errors::add);
        }
        if (!errors.isEmpty()) {
            return new Outcome.ConsulDone(revision, List.of(), errors);
        }
        for (Key key : touched) {
            if (scratch.containsKey(key.text())) {
                Entry after = scratch.get(key.text());
                if (after.version() == 1) {
                    remove(key, Change.Kind.DELETE);
                }
                change();
                store(after);
            } else {
                remove(key, Change.Kind.DELETE);
            }
        }
        return new Outcome.ConsulDone(revision, results, List.of());
    }

    private Optional<ConsulError> consul(
            int place, ConsulOp operation, Map<String, Entry> now, Set<Key> touched, List<ConsulResult> results) {
        if (operation instanceof ConsulOp.GetTree tree) {
            now.values().stream()
                    .filter(entry -> tree.prefix().covers(entry.key()))
                    .forEach(entry -> results.add(new ConsulResult(entry.key(), Optional.of(entry), true)));
            return Optional.empty();
        }
        if (operation instanceof ConsulOp.DeleteTree tree) {
            List<Key> keys = now.values().stream()
                    .map(Entry::key)
                    .filter(tree.prefix()::covers)
                    .toList();
            touched.addAll(keys);
            keys.forEach(key -> now.remove(key.text()));
            return Optional.empty();
        }
        if (operation instanceof ConsulOp.Put put) {
            return consul(place, put, now, touched, results);
        }
        if (operation instanceof ConsulOp.Delete delete) {
            Entry entry = now.get(delete.key().text());
            if (entry != null
                    && delete.revision().isPresent()
                    && delete.revision().getAsLong() != entry.changeRevision()) {
                return Optional.of(new ConsulError(place, ConsulError.Kind.STALE));
            }
            if (now.remove(delete.key().text()) != null) {
                touched.add(delete.key());
            }
            return Optional.empty();
        }
        return consul(place, operation, now, results);
    }

    private static Optional<ConsulError> consul(
            int place, ConsulOp operation, Map<String, Entry> now, List<ConsulResult> results) {
        if (operation instanceof ConsulOp.CheckNotExists check) {
            return now.containsKey(check.key().text())
                    ? Optional.of(new ConsulError(place, ConsulError.Kind.KEY_THERE))
                    : Optional.empty();
        }
        boolean reads = operation instanceof ConsulOp.Get;
        Key key = operation instanceof ConsulOp.Get get
                ? get.key()
                : operation instanceof ConsulOp.CheckIndex check
                        ? check.key()
                        : ((ConsulOp.CheckSession) operation).key();
        Optional<Entry> entry = Optional.ofNullable(now.get(key.text()));
        if (entry.isEmpty() && !(operation instanceof ConsulOp.Get get && get.orEmpty())) {
            return Optional.of(new ConsulError(place, ConsulError.Kind.NO_KEY));
        }
        if (operation instanceof ConsulOp.CheckIndex check
                && check.revision() != entry.get().changeRevision()) {
            return Optional.of(new ConsulError(
                    place, ConsulError.Kind.OTHER_REVISION, entry.get().changeRevision(), Optional.empty()));
        }
        if (operation instanceof ConsulOp.CheckSession check) {
            Optional<UUID> holder = entry.get().hold().map(Hold::session);
            if (!holder.equals(check.session())) {
                return Optional.of(new ConsulError(place, ConsulError.Kind.OTHER_SESSION, 0, holder));
            }
        }
        results.add(new ConsulResult(key, entry, reads));
        return Optional.empty();
    }

    private Optional<ConsulError> consul(
            int place, ConsulOp.Put put, Map<String, Entry> now, Set<Key> touched, List<ConsulResult> results) {
        Entry old = now.get(put.key().text());
        Optional<Hold> held = old == null ? Optional.empty() : old.hold();
        Optional<UUID> holder = held.map(Hold::session);
        Optional<Hold> hold = held;
        long next = revision + 1;
        long turn = 0;
        ConsulError.Kind kind = null;
        if (put.mode() instanceof Mode.Cas cas) {
            kind = cas.revision() == (old == null ? 0 : old.changeRevision()) ? null : ConsulError.Kind.STALE;
        } else if (put.mode() instanceof Mode.Release release) {
            kind = holder.equals(Optional.of(release.session())) ? null : ConsulError.Kind.NOT_HELD;
            hold = Optional.empty();
        } else if (put.mode() instanceof Mode.Acquire acquire) {
            if (!sessions.containsKey(acquire.session())) {
                kind = ConsulError.Kind.NO_SUCH_SESSION;
            } else if (holder.isPresent()) {
                kind = holder.get().equals(acquire.session()) ? null : ConsulError.Kind.HELD;
            } else {
                kind = delays.getOrDefault(put.key().text(), 0L) > time ? ConsulError.Kind.LOCK_DELAY : null;
                hold = Optional.of(new Hold(acquire.session(), next));
                turn = 1;
            }
        }
        if (kind != null) {
            return Optional.of(new ConsulError(place, kind));
        }
        Entry entry = old == null
                ? new Entry(put.key(), put.value(), next, next, 1, 0, hold, put.flags(), turn)
                : new Entry(
                        put.key(),
                        put.value(),
                        old.createRevision(),
                        next,
                        old.changeRevision() == next ? old.version() : old.version() + 1,
                        0,
                        hold,
                        put.flags(),
                        old.lockIndex() + turn);
        boolean same = old != null
                && old.value().equals(entry.value())
                && old.flags() == entry.flags()
                && old.hold().equals(entry.hold())
                && old.expiresAt() == 0;
        if (!same) {
            now.put(put.key().text(), entry);
            touched.add(put.key());
        }
        results.add(new ConsulResult(put.key(), Optional.of(same ? old : entry), false));
        return Optional.empty();
    }

    /** When the keys were removed of which that is known. */
    public Map<String, Long> removals() {
        Map<String, Long> revisions = new TreeMap<>();
        removals.forEach((key, removal) -> revisions.put(key, removal.revision()));
        return revisions;
    }

    @Override
    public Outcome settings(Command.Settings settings) {
        previous = settings.history().previous();
        return new Outcome.Passed(revision, index);
    }

    @Override
    public Outcome announce(Command.Announce announce) {
        return new Outcome.Announced(revision);
    }

    public List<Entry> entries() {
        return List.copyOf(entries.values());
    }

    public List<Change> changes() {
        return changes;
    }

    public long revision() {
        return revision;
    }

    public long time() {
        return time;
    }

    /** A state of its own that goes on from this one. */
    public StateModel copy() {
        StateModel copy = new StateModel();
        copy.entries.putAll(entries);
        copy.changes.addAll(changes);
        copy.requests.putAll(requests);
        copy.sessions.putAll(sessions);
        copy.delays.putAll(delays);
        copy.sessionChanges = sessionChanges;
        copy.previous = previous;
        copy.removals.putAll(removals);
        copy.level = level;
        copy.revision = revision;
        copy.time = time;
        copy.index = index;
        return copy;
    }
}
