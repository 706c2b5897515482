package dev.raftkv.kv;

import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.DiskRoom;
import dev.raftkv.model.Entry;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.ReadLevel;
import dev.raftkv.model.RestoreProgress;
import dev.raftkv.model.Seen;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Write;
import dev.raftkv.store.StoreCopy;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** Reads and writes of keys on this node. */
public final class KvService {
    /**
     * @param valueBytes the longest value accepted, in bytes of its JSON text
     * @param readWait how long a read may wait for the state that it needs
     */
    public record Limits(int valueBytes, Duration readWait) {}

    /** A step of a read that waits as long as the whole read ends first: it knows what it has waited for. */
    private static final Duration GRACE = Duration.ofMillis(100);

    /** An orderly change of the leader takes a tenth of it; who is sent away comes again after twice as long at the earliest. */
    private static final Duration BETWEEN_LEADERS = Duration.ofMillis(500);

    private final Replicator replicator;
    private final Applied applied;
    private final Unsent unsent;
    private final Limits limits;
    private CompletableFuture<Void> nextLeader = CompletableFuture.completedFuture(null);

    public KvService(Replicator replicator, Applied applied, Unsent unsent, Limits limits) {
        this.replicator = replicator;
        this.applied = applied;
        this.unsent = unsent;
        this.limits = limits;
    }

    /**
     * This node's store, to read from until it serves nothing any more.
     *
     * @throws KvException {@code UNAVAILABLE} if this node serves nothing now
     */
    public Reader reader() {
        return new Reader(replicator.store(), applied.progress().answers());
    }

    /**
     * A key as this node's store has it, if it can be had without waiting.
     *
     * @return null if not: then {@link #reader()} has it, or says what is wrong
     */
    public Seen glance(Key key) {
        try {
            return replicator.store().glance(key);
        } catch (KvException e) {
            return null;
        }
    }

    /**
     * A reader that shows what a level demands. A follower answers {@code LEADER} with {@code NOT_LEADER}, and
     * {@code LINEARIZABLE} too if it cannot ask its leader itself: whoever gets that can get a barrier from the leader, and then
     * {@link #readerAt} here.
     *
     * @return to be bounded by {@link #inTime}; ends with a {@link KvException}: {@code NOT_LEADER} or {@code UNAVAILABLE}
     */
    public CompletableFuture<Reader> reader(ReadLevel level) {
        return switch (level) {
            case EVENTUAL -> readerHere();
            case LEADER ->
                // An entry, which renews the lease for those that come next.
                replicator.holdsLease() ? readerHere() : replicator.barrier().thenApply(index -> reader());
            case LINEARIZABLE -> replicator.readIndex().thenCompose(index -> readerAt(index, limits.readWait()));
        };
    }

    private CompletableFuture<Reader> readerHere() {
        try {
            return CompletableFuture.completedFuture(reader());
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** See {@link Replicator#barrier}; ends within the time that a read may take. */
    public CompletableFuture<Long> barrier() {
        return inTime(replicator.barrier());
    }

    /** Ends as a read does that takes several steps, or with {@code UNAVAILABLE} when the time that a read may take is over. */
    public <T> CompletableFuture<T> inTime(CompletableFuture<T> read) {
        return applied.progress().inTime(read, limits.readWait().plus(GRACE));
    }

    /** How long a read may wait in all. */
    public Duration readWait() {
        return limits.readWait();
    }

    /** See {@link Replicator#leaderChange}. */
    public CompletableFuture<Void> leaderChange() {
        return replicator.leaderChange();
    }

    /** Ends when this node hears of another leader, or a moment later; for those who come between two leaders. Never fails. */
    public synchronized CompletableFuture<Void> nextLeader() {
        if (nextLeader.isDone()) {
            // One for all of them: it stays with the change until there is one.
            CompletableFuture<Void> late = applied.progress()
                    .inTime(new CompletableFuture<Void>(), BETWEEN_LEADERS)
                    .exceptionally(over -> null);
            nextLeader =
                    CompletableFuture.anyOf(replicator.leaderChange(), late).thenAccept(first -> {});
        }
        return nextLeader;
    }

    /** A reader that shows all entries of the Raft log up to an index; ends with {@code UNAVAILABLE} if that takes too long. */
    public CompletableFuture<Reader> readerAt(long index, Duration limit) {
        return applied.progress().awaitIndex(index, limit).thenApply(reached -> reader());
    }

    /** A reader that shows all changes up to a revision; ends with {@code UNAVAILABLE} if that takes too long. */
    public CompletableFuture<Reader> readerAtRevision(long revision, Duration limit) {
        return applied.progress().awaitRevision(revision, limit).thenApply(reached -> reader());
    }

    /**
     * Carries a write out. The future ends as {@link Replicator#write} says, or with {@code TOO_LARGE} for a value over the
     * limit, {@code PRECONDITION_FAILED}, or {@code INVALID} for a request name that was used for another request and a
     * range or result over its limit.
     *
     * @param outcome what the command has when it was carried out
     */
    public <O extends Outcome> CompletableFuture<O> write(Write write, Class<O> outcome) {
        Optional<JsonText> tooLong = values(write.command())
                .filter(value -> value.length() > limits.valueBytes())
                .findFirst();
        if (tooLong.isPresent()) {
            return CompletableFuture.failedFuture(new KvException(
                    Code.TOO_LARGE,
                    "value is too large: " + tooLong.get().length() + " bytes, the limit is " + limits.valueBytes()
                            + " bytes"));
        }
        return replicator.write(write).thenApply(end -> {
            if (end instanceof Outcome.Rejected rejected) {
                throw failure(rejected).at(rejected.revision());
            }
            return outcome.cast(end);
        });
    }

    private static Stream<JsonText> values(Command command) {
        if (command instanceof Command.Put put) {
            return Stream.of(put.value());
        }
        if (command instanceof Command.Append append) {
            return Stream.of(append.value());
        }
        return command instanceof Command.Txn txn
                ? Stream.concat(txn.then().stream(), txn.otherwise().stream())
                        .filter(TxnOp.Put.class::isInstance)
                        .map(operation -> ((TxnOp.Put) operation).value())
                : Stream.empty();
    }

    private static KvException failure(Outcome.Rejected rejected) {
        return switch (rejected.reason()) {
            case PRECONDITION -> KvException.preconditionFailed(rejected.changeRevision());
            case REQUEST_KEY_REUSED ->
                new KvException(
                        Code.INVALID,
                        "this Idempotency-Key was used for another request: nothing was changed; give each request a"
                                + " key of its own");
            case RESULT_TOO_LARGE ->
                new KvException(
                        Code.INVALID,
                        "the values that the transaction gets are more than 8 MiB: nothing was changed; get fewer keys"
                                + " at once");
            case RESTORE_UNDER_WAY ->
                new KvException(
                        Code.CONFLICT,
                        "another restore is under way, or broke off just now: nothing was changed; try again when"
                                + " it is over");
            case RESTORE_ENDED ->
                new KvException(
                        Code.CONFLICT,
                        "the restore was given up, because it stood still or another one was begun: nothing was"
                                + " changed; send the backup again");
            case KEYS_IN_THE_WAY ->
                new KvException(
                        Code.CONFLICT,
                        "there are keys where the backup is to go: nothing was changed; say ?replace if they are to"
                                + " give way");
            case WRITTEN_MEANWHILE ->
                new KvException(
                        Code.CONFLICT,
                        "the cluster was new when the restore began, and somebody has written meanwhile: nothing was"
                                + " changed; send the backup again");
            case NO_COUNTER ->
                new KvException(
                        Code.INVALID,
                        "the key that is to be added to holds something else than an integer of at most 1000 digits: nothing"
                                + " was changed; store a number there first, or add to another key");
            case COUNTER_TOO_LONG ->
                new KvException(
                        Code.INVALID,
                        "the sum would have more than 1000 digits: nothing was changed; store a smaller number first");
            case KEY_TAKEN ->
                new KvException(
                        Code.CONFLICT,
                        "somebody has stored the key with the number " + (rejected.revision() + 1)
                                + " already, which would be the next of the sequence: nothing was changed; remove that key,"
                                + " and keep the prefix to the sequence");
            case RANGE_TOO_LARGE ->
                new KvException(
                        Code.INVALID,
                        "more than 50000 keys start with the prefix: nothing was changed; remove them by longer"
                                + " prefixes");
        };
    }

    /** How long a key has to live: milliseconds of cluster time, 0 if it is over and not carried out yet; empty for ever. */
    public OptionalLong remainingMillis(Entry entry) {
        return entry.expiresAt() == 0
                ? OptionalLong.empty()
                : OptionalLong.of(
                        Math.max(0, entry.expiresAt() - applied.clock().now()));
    }

    /**
     * This node's state as it stands, to be read while writes go on.
     *
     * @return to be closed by the caller
     * @throws KvException {@code UNAVAILABLE} if this node serves nothing now, or is copied too often already
     */
    public StoreCopy copy() {
        return replicator.store().copy();
    }

    /** The restore that is under way, as far as this node has come with it; empty if there is none, or it serves nothing. */
    public Optional<RestoreProgress> restoring() {
        try {
            return replicator.store().restoring();
        } catch (KvException e) {
            return Optional.empty();
        }
    }

    /** The restores that this node carries out. */
    public OwnRestores ownRestores() {
        return applied.restores();
    }

    /** What this node knows of the cluster's time, in milliseconds. */
    public long time() {
        return applied.clock().now();
    }

    /** The revision of this node's store; empty while it serves nothing. */
    public OptionalLong revision() {
        try {
            return OptionalLong.of(replicator.store().revision());
        } catch (KvException e) {
            return OptionalLong.empty();
        }
    }

    public WatchHub watches() {
        return applied.watches();
    }

    /** Whoever makes an answer of the outcome of a transaction counts it in here, on the thread that brings the outcome. */
    public Unsent unsent() {
        return unsent;
    }

    public NodeStatus status() {
        return replicator.status();
    }

    /** See {@link Replicator#disk}. */
    public Optional<DiskRoom> disk() {
        return replicator.disk();
    }

    public int maxValueBytes() {
        return limits.valueBytes();
    }
}
