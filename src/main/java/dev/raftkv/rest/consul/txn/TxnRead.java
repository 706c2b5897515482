package dev.raftkv.rest.consul.txn;

import dev.raftkv.kv.KvService;
import dev.raftkv.kv.Reader;
import dev.raftkv.model.ConsulError;
import dev.raftkv.model.ConsulError.Kind;
import dev.raftkv.model.ConsulOp;
import dev.raftkv.model.ConsulResult;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Hold;
import dev.raftkv.model.Key;
import dev.raftkv.model.Listed;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Range;
import dev.raftkv.rest.consul.text.ConsulFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A transaction that only looks at keys, without an entry in the log: what it has seen counts if none of it has changed behind the
 * revision that the reader shows. Belongs to one thread, and is used once.
 */
final class TxnRead {
    /** As much as one that is in the log may read. */
    private static final long MOST_BYTES = 8L << 20;

    /** Of a key, beside itself and its value. */
    private static final int OVERHEAD = 256;

    private final Reader reader;
    private final List<ConsulResult> results = new ArrayList<>();
    private final List<ConsulError> errors = new ArrayList<>();
    private boolean changed;
    private long bytes;

    TxnRead(Reader reader) {
        this.reader = reader;
    }

    /** What there is at one moment; empty if keys have changed meanwhile. */
    Optional<Outcome.ConsulDone> of(List<ConsulOp> operations) {
        for (int i = 0; i < operations.size(); i++) {
            lookAt(i, operations.get(i));
        }
        return changed
                ? Optional.empty()
                : Optional.of(
                        new Outcome.ConsulDone(reader.revision(), errors.isEmpty() ? results : List.of(), errors));
    }

    private void lookAt(int place, ConsulOp operation) {
        if (operation instanceof ConsulOp.Get get) {
            Optional<Entry> entry = now(get.key());
            if (entry.isEmpty() && !get.orEmpty()) {
                errors.add(new ConsulError(place, Kind.NO_KEY));
            } else {
                show(get.key(), entry);
            }
        } else if (operation instanceof ConsulOp.GetTree tree) {
            tree(tree.prefix());
        } else if (operation instanceof ConsulOp.CheckIndex check) {
            check(place, check);
        } else if (operation instanceof ConsulOp.CheckSession check) {
            check(place, check);
        } else if (operation instanceof ConsulOp.CheckNotExists check
                && now(check.key()).isPresent()) {
            errors.add(new ConsulError(place, Kind.KEY_THERE));
        }
    }

    private Optional<Entry> now(Key key) {
        Optional<Entry> entry = reader.get(key);
        long last = entry.map(Entry::changeRevision).orElseGet(() -> reader.removedAt(key));
        changed |= last > reader.revision();
        return entry;
    }

    private void show(Key key, Optional<Entry> entry) {
        results.add(new ConsulResult(key, entry, true));
        bytes += OVERHEAD
                + key.utf8().length
                + entry.map(found -> found.value().length()).orElse(0);
        if (bytes > MOST_BYTES) {
            throw new ConsulFailure(
                    500,
                    KvService.failure(new Outcome.Rejected(reader.revision(), Reason.RESULT_TOO_LARGE, 0))
                            .getMessage());
        }
    }

    private void tree(Prefix prefix) {
        for (Listed listed : reader.keys(Range.of(prefix), ConsulOp.GetTree.MOST_KEYS + 1)) {
            Optional<Entry> entry = now(listed.name());
            if (entry.isPresent()) {
                show(listed.name(), entry);
            }
        }
        changed |= reader.lastChange(prefix, Long.MAX_VALUE) > reader.revision();
    }

    private void check(int place, ConsulOp.CheckIndex check) {
        Optional<Entry> entry = now(check.key());
        if (entry.isEmpty()) {
            errors.add(new ConsulError(place, Kind.NO_KEY));
        } else if (entry.get().changeRevision() != check.revision()) {
            errors.add(new ConsulError(place, Kind.OTHER_REVISION, entry.get().changeRevision(), Optional.empty()));
        } else {
            results.add(new ConsulResult(check.key(), entry, false));
        }
    }

    private void check(int place, ConsulOp.CheckSession check) {
        Optional<Entry> entry = now(check.key());
        Optional<UUID> holder = entry.flatMap(Entry::hold).map(Hold::session);
        if (entry.isEmpty()) {
            errors.add(new ConsulError(place, Kind.NO_KEY));
        } else if (!holder.equals(check.session())) {
            errors.add(new ConsulError(place, Kind.OTHER_SESSION, 0, holder));
        } else {
            results.add(new ConsulResult(check.key(), entry, false));
        }
    }
}
