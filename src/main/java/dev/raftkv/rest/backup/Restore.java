package dev.raftkv.rest.backup;

import dev.raftkv.kv.KvService;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.SavedKey;
import dev.raftkv.model.Write;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a backup that is in a file of the leader into the cluster. It is read twice: first all of it is checked, then it goes
 * into the log, chunk by chunk. Belongs to one thread, which waits for the log.
 */
final class Restore {
    private static final Logger LOG = LoggerFactory.getLogger(Restore.class);

    /** Of keys and values in a chunk. Who writes meanwhile waits for those that are under way. */
    private static final int CHUNK = 64 * 1024;

    /** What a key takes beside its text and its value. */
    private static final int OF_A_KEY = 48;

    /** Chunks under way: the next ones come while the disks of a majority write. */
    private static final int WINDOW = 2;

    /** Writes end by themselves before that. */
    private static final long LIMIT_SECONDS = 120;

    private static final int PROGRESS = 10;

    /** What a key takes on a disk beside its text and its value. */
    private static final int OF_A_KEY_ON_DISK = 96;

    /** The log has what is restored, and so has the store; the living keys are there meanwhile. */
    private static final long TIMES_ON_DISK = 2;

    private final KvService kv;
    private final Room room;
    private final Path file;
    private final boolean replace;
    private final Optional<Prefix> wanted;
    private final String id = UUID.randomUUID().toString();
    private final Deque<CompletableFuture<?>> underWay = new ArrayDeque<>();
    private BackupReader checked;
    private long keys;

    /** Of the keys and their values. */
    private long bytes;

    private long chunks;

    /**
     * @param room asked before anything changes
     * @param replace whether keys that are there may be replaced
     * @param wanted the part that is restored; all of the backup if there is none
     */
    Restore(KvService kv, Room room, Path file, boolean replace, Optional<Prefix> wanted) {
        this.kv = kv;
        this.room = room;
        this.file = file;
        this.replace = replace;
        this.wanted = wanted;
    }

    /**
     * What was done.
     *
     * @param keys how many were restored
     * @param revision the store's, from which on they are there
     */
    record Done(long keys, long revision) {}

    /** @throws KvException if it is refused or cannot be done; nothing is changed, unless it is {@code OUTCOME_UNKNOWN} */
    Done run() throws IOException {
        BackupHeader header = check();
        Prefix prefix = wanted.orElse(header.prefix());
        room.requireAtMembers(TIMES_ON_DISK * (bytes + keys * OF_A_KEY_ON_DISK));
        LOG.info("restores {} keys of the backup of revision {} as {}", keys, header.revision(), id);
        kv.ownRestores().begin(id);
        try {
            boolean first = stage(
                    new Command.Restore.Begin(id, header.revision(), replace, prefix),
                    header.cluster().equals(kv.watches().cluster()));
            Outcome.Stored done = end(first);
            LOG.info("has restored {} keys as {}: the store is at revision {}", keys, id, done.revision());
            return new Done(keys, done.revision());
        } finally {
            kv.ownRestores().end(id);
        }
    }

    /**
     * Brings the keys.
     *
     * @return whether they keep the revisions of another cluster, as this one has given none yet. A revision stands for one state
     *     of a key, and that of another cluster may have been one of this cluster, too. What is so where the restore begins in
     *     the log is known by all, and has to be so still where it ends.
     */
    private boolean stage(Command.Restore.Begin begin, boolean ofThisCluster) throws IOException {
        try {
            giveUpWhatIsLeft();
            boolean none = await(write(begin)).revision() == 0;
            // The keys of a part are put as if by clients.
            boolean first = none && !ofThisCluster && begin.prefix().equals(Prefix.ALL);
            send(begin.prefix(), first || ofThisCluster);
            return first;
        } catch (KvException e) {
            giveUp(e);
            throw e.code() == Code.OUTCOME_UNKNOWN ? unfinished(e) : e;
        } catch (RuntimeException | Error | IOException e) {
            giveUp(e);
            throw e;
        }
    }

    /** A leader that has gone had begun it, and nobody goes on with it. */
    private void giveUpWhatIsLeft() {
        kv.restoring()
                .filter(left -> !kv.ownRestores().has(left.id()))
                .ifPresent(left -> await(write(new Command.Restore.Abort(left.id()))));
    }

    private void giveUp(Throwable failure) {
        LOG.warn("gives up the restore {}: {}", id, failure.toString());
        write(new Command.Restore.Abort(id));
    }

    private static KvException unfinished(KvException cause) {
        return new KvException(
                Code.UNAVAILABLE,
                "the cluster did not take all of the backup (" + cause.getMessage()
                        + "): nothing was changed; send it again",
                cause);
    }

    private BackupReader open() throws IOException {
        return checked == null
                ? new BackupReader(Files.newInputStream(file), kv.maxValueBytes())
                : BackupReader.again(Files.newInputStream(file), checked);
    }

    /** Reads all of it. */
    private BackupHeader check() throws IOException {
        try (BackupReader backup = open()) {
            Prefix prefix = wanted.orElse(backup.header().prefix());
            if (!backup.header().prefix().covers(prefix.utf8())) {
                throw new KvException(
                        Code.INVALID,
                        "the backup has only keys that start with "
                                + backup.header().prefix().text() + ": name a prefix that begins so");
            }
            requireFew(prefix);
            for (Optional<SavedKey> key = backup.next(); key.isPresent(); key = backup.next()) {
                if (prefix.covers(key.get().key())) {
                    keys++;
                    bytes += key.get().key().utf8().length + key.get().value().length();
                    requireSmall(prefix);
                }
            }
            checked = backup;
            return backup.header();
        }
    }

    /** Of those that are replaced: they would be told of only when all has come. */
    private void requireFew(Prefix prefix) {
        if (!prefix.equals(Prefix.ALL)
                && replace
                && kv.reader()
                        .count(prefix, Optional.empty(), Command.Restore.MOST_KEYS_OF_A_PART)
                        .until()
                        .isPresent()) {
            throw new KvException(
                    Code.TOO_LARGE,
                    "more than " + Command.Restore.MOST_KEYS_OF_A_PART + " keys of the cluster start with "
                            + prefix.text()
                            + ", too many to be replaced as a part: nothing was changed; restore by longer"
                            + " prefixes, one after the other");
        }
    }

    private void requireSmall(Prefix prefix) {
        if (!prefix.equals(Prefix.ALL)
                && (keys > Command.Restore.MOST_KEYS_OF_A_PART || bytes > Command.Restore.MOST_BYTES_OF_A_PART)) {
            throw new KvException(
                    Code.TOO_LARGE,
                    "a restore of a part brings up to " + Command.Restore.MOST_KEYS_OF_A_PART + " keys and "
                            + (Command.Restore.MOST_BYTES_OF_A_PART >> 20) + " MiB, and the backup has more that start"
                            + " with " + prefix.text()
                            + ": nothing was changed; restore by longer prefixes, one after the"
                            + " other, or all of the backup");
        }
    }

    private void send(Prefix prefix, boolean keepsRevisions) throws IOException {
        try (BackupReader backup = open()) {
            List<SavedKey> chunk = new ArrayList<>();
            int size = 0;
            long sent = 0;
            for (Optional<SavedKey> next = backup.next(); next.isPresent(); next = backup.next()) {
                SavedKey key = keepsRevisions ? next.get() : next.get().withoutRevisions();
                if (!prefix.covers(key.key())) {
                    continue;
                }
                int more = key.key().utf8().length + key.value().length() + OF_A_KEY;
                if (size > 0 && size + more > CHUNK) {
                    send(chunk);
                    chunk = new ArrayList<>();
                    size = 0;
                }
                chunk.add(key);
                size += more;
                sent++;
                if (sent * PROGRESS / keys != (sent - 1) * PROGRESS / keys) {
                    LOG.info("restore {}: {} of {} keys", id, sent, keys);
                }
            }
            if (size > 0) {
                send(chunk);
            }
        }
        while (!underWay.isEmpty()) {
            await(underWay.remove());
        }
    }

    private void send(List<SavedKey> chunk) {
        if (underWay.size() == WINDOW) {
            await(underWay.remove());
        }
        underWay.add(write(new Command.Restore.Chunk(id, chunks++, chunk)));
    }

    private Outcome.Stored end(boolean first) {
        try {
            return await(kv.write(Write.of(new Command.Restore.Switch(id, chunks, keys, first)), Outcome.Stored.class));
        } catch (KvException e) {
            if (e.code() != Code.OUTCOME_UNKNOWN) {
                write(new Command.Restore.Abort(id));
            }
            throw e;
        }
    }

    private CompletableFuture<Outcome.Passed> write(Command.Restore step) {
        return kv.write(Write.of(step), Outcome.Passed.class);
    }

    private static <T> T await(CompletableFuture<T> step) {
        try {
            return step.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KvException known) {
                throw known;
            }
            throw new IllegalStateException("a step of a restore failed", e.getCause());
        } catch (TimeoutException e) {
            throw new KvException(Code.OUTCOME_UNKNOWN, "a step of the restore did not end", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KvException(Code.OUTCOME_UNKNOWN, "this node is stopping", e);
        }
    }
}
