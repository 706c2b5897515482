package dev.raftkv.store;

import com.sleepycat.je.Transaction;
import dev.raftkv.codec.RecordCodec.Keyspaces;
import dev.raftkv.codec.RecordCodec.Stage;
import dev.raftkv.model.Command.Restore;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.RestoreProgress;
import dev.raftkv.model.SavedKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The steps of restores within one write transaction. The keys of a backup are put into a keyspace of their own. One that has
 * all keys then becomes the one that lives, at no cost; of a part the keys are put into the one that lives.
 */
final class RestoreSteps {
    private static final int KEYS_AT_ONCE = 1000;

    private final JeEnvironment environment;
    private final Transaction transaction;
    private final long time;
    private Keyspaces now;
    private Optional<Keyspace> staged;

    RestoreSteps(JeEnvironment environment, Transaction transaction, long time) {
        this.environment = environment;
        this.transaction = transaction;
        this.time = time;
        this.now = environment.keyspaces();
        this.staged = environment.staged();
    }

    /** Why the step cannot be taken, if so. */
    Optional<Reason> take(Restore step, WriteTransaction keys) {
        Optional<Reason> refusal;
        if (step instanceof Restore.Begin begin) {
            refusal = begin(begin, keys);
        } else if (step instanceof Restore.Chunk chunk) {
            refusal = add(chunk, keys);
        } else if (step instanceof Restore.Switch last) {
            refusal = end(last, keys);
        } else {
            refusal = Optional.empty();
            if (stage(step.id()).isPresent()) {
                unstage(now.live(), now.since(), now.base());
            }
        }
        if (refusal.isEmpty()) {
            environment.putKeyspaces(transaction, now);
        }
        return refusal;
    }

    private Optional<Stage> stage(String id) {
        return now.stage().filter(stage -> stage.id().equals(id));
    }

    private void unstage(long live, long since, long base) {
        now = new Keyspaces(live, since, base, now.last(), Optional.empty());
        staged = Optional.empty();
    }

    private void stage(Stage stage, long last) {
        now = new Keyspaces(now.live(), now.since(), now.base(), last, Optional.of(stage));
    }

    private Optional<Reason> begin(Restore.Begin begin, WriteTransaction keys) {
        if (now.stage()
                .filter(stage -> time - stage.touched() <= RestoreProgress.PATIENCE_MILLIS)
                .isPresent()) {
            return Optional.of(Reason.RESTORE_UNDER_WAY);
        }
        if (!begin.replace() && keys.hasKeys(begin.prefix())) {
            return Optional.of(Reason.KEYS_IN_THE_WAY);
        }
        long number = now.last() + 1;
        stage(new Stage(number, begin.id(), begin.revision(), begin.replace(), begin.prefix(), 0, 0, 0, time), number);
        staged = Optional.of(environment.keyspace(number));
        return Optional.empty();
    }

    private Optional<Reason> add(Restore.Chunk chunk, WriteTransaction keys) {
        Optional<Stage> found = stage(chunk.id()).filter(stage -> stage.chunks() == chunk.number());
        if (found.isEmpty()) {
            return Optional.of(Reason.RESTORE_ENDED);
        }
        long bytes = 0;
        for (SavedKey key : chunk.keys()) {
            bytes += staged.orElseThrow().stage(transaction, key);
            keys.goesOn();
        }
        Stage before = found.get();
        stage(
                new Stage(
                        before.number(),
                        before.id(),
                        before.revision(),
                        before.replace(),
                        before.prefix(),
                        before.chunks() + 1,
                        before.keys() + chunk.keys().size(),
                        before.bytes() + bytes,
                        time),
                now.last());
        return Optional.empty();
    }

    private Optional<Reason> end(Restore.Switch last, WriteTransaction keys) {
        Optional<Stage> found =
                stage(last.id()).filter(stage -> stage.chunks() == last.chunks() && stage.keys() == last.keys());
        if (found.isEmpty()) {
            return Optional.of(Reason.RESTORE_ENDED);
        }
        Stage stage = found.get();
        if (last.first() && keys.revision() > 0) {
            return Optional.of(Reason.WRITTEN_MEANWHILE);
        }
        if (!stage.replace() && keys.hasKeys(stage.prefix())) {
            return Optional.of(Reason.KEYS_IN_THE_WAY);
        }
        Keyspace brought = staged.orElseThrow();
        long before = Math.max(keys.revision(), stage.revision());
        if (stage.prefix().equals(Prefix.ALL)) {
            keys.replaceAll(brought.living(before + 1, time), stage.keys(), before + 1);
            unstage(brought.number(), before + 1, time);
            return Optional.empty();
        }
        if (stage.keys() > Restore.MOST_KEYS_OF_A_PART
                || stage.bytes() > Restore.MOST_BYTES_OF_A_PART
                || keys.ranges()
                        .count(stage.prefix(), Restore.MOST_KEYS_OF_A_PART)
                        .isEmpty()) {
            return Optional.of(Reason.RANGE_TOO_LARGE);
        }
        keys.goOnBehind(before);
        keys.ranges().remove(stage.prefix());
        putAll(brought, keys);
        unstage(now.live(), now.since(), now.base());
        return Optional.empty();
    }

    private void putAll(Keyspace brought, WriteTransaction keys) {
        List<Entry> some = some(brought, null);
        while (!some.isEmpty()) {
            some.forEach(keys::bring);
            some = some(brought, some.get(some.size() - 1).key());
        }
    }

    /** The next entries, each with its time to live in the place of a deadline. */
    private static List<Entry> some(Keyspace brought, Key after) {
        byte[] from = after == null ? new byte[0] : after.utf8();
        List<Entry> some = new ArrayList<>();
        long[] bytes = {0};
        brought.rows().scan(from, (key, row) -> {
            if (after == null || !Arrays.equals(key, from)) {
                some.add(brought.decode(Key.ofUtf8(key), row));
                bytes[0] += row.length;
            }
            return some.size() < KEYS_AT_ONCE && bytes[0] < 1 << 20;
        });
        return some;
    }

    /** @param live of the transaction, which is committed */
    void committed(Keyspace live) {
        environment.living(now, live, staged);
    }
}
