package dev.raftkv.kv;

import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Command.OfConsul;
import dev.raftkv.model.ConsulOp;
import dev.raftkv.model.DiskRoom;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.ReadLevel;
import dev.raftkv.model.RestoreProgress;
import dev.raftkv.model.Seen;
import dev.raftkv.model.Session;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Write;
import dev.raftkv.store.StoreCopy;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Reads and writes of keys on this node. */
public final class KvService {
    /**
     * @param valueBytes the longest value accepted, in bytes
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

    /** Ends as a step does, or with {@code UNAVAILABLE} when another time is over. */
    public <T> CompletableFuture<T> inTime(CompletableFuture<T> step, Duration limit) {
        return applied.progress().inTime(step, limit);
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
        return tooLarge(write)
                .<CompletableFuture<O>>map(CompletableFuture::failedFuture)
                .orElseGet(() -> replicator.write(write).thenApply(end -> expected(end, outcome)));
    }

    /** As the other, for who tells of an {@link Outcome.Rejected} in words of his own. */
    public CompletableFuture<Outcome> write(Write write) {
        return tooLarge(write)
                .<CompletableFuture<Outcome>>map(CompletableFuture::failedFuture)
                .orElseGet(() -> replicator.write(write));
    }

    /** What users are told of one who has no other words. */
    public static KvException failure(Outcome.Rejected rejected) {
        return Rejections.failure(rejected).at(rejected.revision());
    }

    private static <O extends Outcome> O expected(Outcome end, Class<O> outcome) {
        if (end instanceof Outcome.Rejected rejected) {
            throw failure(rejected);
        }
        return outcome.cast(end);
    }

    private Optional<KvException> tooLarge(Write write) {
        int longest = lengths(write.command()).max().orElse(0);
        return longest <= limits.valueBytes()
                ? Optional.empty()
                : Optional.of(new KvException(
                        Code.TOO_LARGE,
                        "value is too large: " + longest + " bytes, the limit is " + limits.valueBytes() + " bytes"));
    }

    /**
     * Carries out a write that gives a key to a session, when it can have it. Ends as {@link #write} does, or as {@link
     * LockQueue#take} says.
     *
     * @param patience how long it may wait for that
     */
    public CompletableFuture<Outcome.Held> take(Write write, Duration patience) {
        return tooLarge(write)
                .<CompletableFuture<Outcome.Held>>map(CompletableFuture::failedFuture)
                .orElseGet(() -> inTime(replicator.leaderIndex())
                        .thenCompose(index -> applied.locks().take(write, patience))
                        .thenApply(end -> expected(end, Outcome.Held.class)));
    }

    /**
     * Lets a session live for all of its ttl, from this call on at least. Writes nothing, neither here nor elsewhere.
     *
     * @return ends with the session, or with {@code NOT_FOUND} if it has ended, {@code NOT_LEADER} and {@code UNAVAILABLE} if
     *     it is not known to be renewed
     */
    public CompletableFuture<Session> renew(UUID id) {
        return inTime(replicator.leaderIndex()).thenApply(index -> {
            if (!applied.sessions().renew(id)) {
                throw new KvException(
                        Code.UNAVAILABLE, "the time of this session is over, and it is just being ended: ask again");
            }
            return session(reader(), id);
        });
    }

    /** A session that lives, or {@code NOT_FOUND}. */
    public static Session session(Reader reader, UUID id) {
        return reader.session(id)
                .orElseThrow(() -> new KvException(
                        Code.NOT_FOUND,
                        "there is no session " + id
                                + ": it has ended, or has never been; begin another one, POST /session"));
    }

    /** Of the values that it stores. */
    private static IntStream lengths(Command command) {
        if (command instanceof Command.Put put) {
            return IntStream.of(put.value().length());
        }
        if (command instanceof Command.Append append) {
            return IntStream.of(append.value().length());
        }
        if (command instanceof Command.OfSession.Take take) {
            return IntStream.of(take.value().length());
        }
        if (command instanceof Command.OfSession.Release release) {
            return IntStream.of(release.value().length());
        }
        if (command instanceof OfConsul.Put put) {
            return IntStream.of(put.value().length());
        }
        if (command instanceof OfConsul.Txn txn) {
            return txn.operations().stream()
                    .mapToInt(each ->
                            each instanceof ConsulOp.Put put ? put.value().length() : 0);
        }
        return command instanceof Command.Txn txn
                ? Stream.concat(txn.then().stream(), txn.otherwise().stream()).mapToInt(KvService::length)
                : IntStream.empty();
    }

    private static int length(TxnOp operation) {
        if (operation instanceof TxnOp.Put put) {
            return put.value().length();
        }
        if (operation instanceof TxnOp.Take take) {
            return take.value().length();
        }
        return operation instanceof TxnOp.Release release ? release.value().length() : 0;
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
