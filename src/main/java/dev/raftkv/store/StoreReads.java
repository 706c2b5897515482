package dev.raftkv.store;

import dev.raftkv.codec.RecordCodec;
import dev.raftkv.codec.RowCodec;
import dev.raftkv.codec.SessionCodec;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.Counted;
import dev.raftkv.model.Created;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Hold;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Listed;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.model.Page;
import dev.raftkv.model.Position;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Range;
import dev.raftkv.model.RestoreProgress;
import dev.raftkv.model.Revised;
import dev.raftkv.model.Seen;
import dev.raftkv.model.Session;
import dev.raftkv.model.Together;
import dev.raftkv.store.MomentOfRange.Part;
import dev.raftkv.store.MomentOfRange.Wanted;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * What is read of a store as it stands, whatever is just being written, or as it was at one moment. Any thread may; what a writer has
 * to tell of its steps is for {@link KvStore}.
 */
abstract class StoreReads {
    /** Of those at which one range is tried to be read. */
    private static final int MOST_MOMENTS = 5;

    /** Told by the writer of what it changes. */
    final Moments moments = new Moments();

    /** The last committed position. */
    abstract Position position();

    /** Reads from the environment that is open. */
    abstract <T> T read(Function<JeEnvironment, T> reading);

    /** A row as it is, with the first revision at which it was so; all rows of a restore are there from its revision on. */
    static Seen found(Keyspace live, Key key) {
        return seen(live, key, live.rows().read(key.utf8()));
    }

    static Seen seen(Keyspace live, Key key, byte[] row) {
        Optional<Entry> entry = row == null ? Optional.empty() : Optional.of(live.decode(key, row));
        return new Seen(
                entry, Math.max(live.since(), entry.map(Entry::changeRevision).orElse(0L)));
    }

    /**
     * The committed entries of keys as they were at one moment, at or behind {@link KvStore#revision} when this is called. Waits for
     * nobody: where a write transaction is open the moment is that of its end, and later ones leave what they change to who
     * still reads.
     *
     * @param keys each once
     * @param mostBytes how many bytes their values may have together
     * @param later reads, if the moment is not now
     * @return ends with nothing if there are more bytes, or with a {@link KvException}, {@code UNAVAILABLE}, if too many keys are
     *     read at once, or the store is not open or all of it was replaced
     */
    public CompletableFuture<Optional<Together>> seeTogether(List<Key> keys, long mostBytes, Executor later) {
        MomentOfKeys moment = new MomentOfKeys(keys, mostBytes);
        try {
            read(je -> {
                moments.begin(moment, je, () -> position().revision());
                return null;
            });
        } catch (KvException | StorageException e) {
            return CompletableFuture.failedFuture(e);
        }
        return at(moment, later, () -> moment.read().map(entries -> new Together(entries, moment.revision())))
                .whenComplete((read, failure) -> moments.end(moment));
    }

    /**
     * The first entries of a range that shows no levels, as {@link #seeTogether(List, long, Executor)} has them. Cost: reads twice
     * each that is returned, the beginning and all of it.
     *
     * @param limit the most keys
     * @param mostBytes how many bytes their values may have together; one of any length may be, so that who goes on behind the
     *     last comes to an end
     * @return ends with a {@link KvException}, {@code UNAVAILABLE}, if too many ranges are read at once, more is changed meanwhile
     *     than can be kept, again and again, or the store is not open or all of it was replaced
     */
    public CompletableFuture<Page<Entry>> seeTogether(Range range, int limit, long mostBytes, Executor later) {
        Wanted wanted = new Wanted(range.reverse(), limit, mostBytes, Part.ROW);
        return page(range, wanted, later, moment -> moment.keyspace()::decode, MOST_MOMENTS);
    }

    /** As the other, the keys alone. */
    public CompletableFuture<Page<Key>> seeKeysTogether(Range range, int limit, Executor later) {
        Wanted wanted = new Wanted(range.reverse(), limit, 0, Part.NOTHING);
        return page(range, wanted, later, moment -> (key, row) -> key, MOST_MOMENTS);
    }

    /** As the other, the keys and the revisions of their last changes. */
    public CompletableFuture<Page<Revised>> seeRevisionsTogether(Range range, int limit, Executor later) {
        Wanted wanted = new Wanted(range.reverse(), limit, 0, Part.HEAD);
        return page(
                range,
                wanted,
                later,
                moment -> (key, head) ->
                        new Revised(key, moment.keyspace().history(head).changeRevision()),
                MOST_MOMENTS);
    }

    private <T> CompletableFuture<Page<T>> page(
            Range range,
            Wanted wanted,
            Executor later,
            Function<MomentOfRange, BiFunction<Key, byte[], T>> element,
            int moreMoments) {
        MomentOfRange moment;
        try {
            moment = read(je -> {
                MomentOfRange begins = new MomentOfRange(Listing.span(je.live(), range, wanted), wanted);
                moments.begin(begins, je, () -> position().revision());
                return begins;
            });
        } catch (KvException | StorageException e) {
            return CompletableFuture.failedFuture(e);
        }
        return at(moment, later, () -> moment.read(element.apply(moment)))
                .whenComplete((read, failure) -> moments.end(moment))
                .thenCompose(read -> read.map(CompletableFuture::completedFuture)
                        .orElseGet(() -> moreMoments > 1
                                ? page(range, wanted, later, element, moreMoments - 1)
                                : CompletableFuture.failedFuture(new KvException(
                                        Code.UNAVAILABLE,
                                        "so much is changed among these keys now that they cannot be read at one moment: try"
                                                + " again, or read fewer at once"))));
    }

    /** What is read at a moment, when that has come. */
    private <T> CompletableFuture<T> at(Moment moment, Executor later, Supplier<T> reading) {
        CompletableFuture<Void> begun = moment.begun();
        return (begun.isDone() ? begun : begun.thenRunAsync(() -> {}, later))
                .thenApply(now -> read(je -> {
                    if (!moment.isOf(je)) {
                        throw new KvException(
                                Code.UNAVAILABLE,
                                "all keys of this node were replaced while some were read: try again");
                    }
                    return reading.get();
                }));
    }

    /** The committed entry of a key. */
    public Optional<Entry> get(Key key) {
        return read(je -> found(je.live(), key)).entry();
    }

    /** The length of a key's value, 0 if there is no such key. It waits for no writer, so it may be that of another value soon. */
    public int valueLength(Key key) {
        byte[] head = read(je -> je.live().rows().readHead(key.utf8(), RowCodec.HEAD_BYTES));
        return head == null ? 0 : RowCodec.valueLength(head);
    }

    /**
     * The first keys of a range, or of one level of it. It waits for no writer, so keys that an entry is just adding or removing
     * may be there or not: {@link #get} tells. Cost: a step for each that is returned, however many keys it stands for.
     *
     * @param limit the most to return
     */
    public List<Listed> keys(Range range, int limit) {
        return read(je -> Listing.of(je.live(), range, limit));
    }

    /**
     * The first keys that start with a prefix, in the order of their creation; as exact as {@link #keys}. Cost: reads all that
     * start with it.
     *
     * @param after only those behind this one, which need not be there
     * @param reverse whether the last ones come first
     * @param limit the most keys to return
     * @param most how many keys may start with the prefix
     * @return empty if there are more
     */
    public Optional<List<Created>> keysByCreation(
            Prefix prefix, Optional<Created> after, boolean reverse, int limit, int most) {
        return read(je -> Listing.byCreation(je.live(), prefix, after, reverse, limit, most));
    }

    /**
     * The revision at which a key was removed, 0 if it is there or that is not known: it is kept from {@link
     * dev.raftkv.model.Command.OfConsul#LEVEL} on, for a while. A key that was not seen just before may be there by now.
     */
    public long removedAt(Key key) {
        return read(je -> je.live().tombstones().removedAt(key));
    }

    /**
     * The greatest revision of changes of keys that start with a prefix, and of removals of such keys as far as they are known; 0 if
     * there are neither. As exact as {@link #keys}: of what an entry is just changing it may have the revision of before, or none.
     * Cost: a step for each key and each removal.
     *
     * @param upTo changes behind this revision do not count
     */
    public long lastChange(Prefix prefix, long upTo) {
        return read(je -> Math.max(
                Listing.lastChange(je.live(), prefix, upTo),
                je.live().tombstones().lastRemoval(prefix, upTo)));
    }

    /** As {@link #lastChange}, of the removals alone. */
    public long lastRemoval(Prefix prefix, long upTo) {
        return read(je -> je.live().tombstones().lastRemoval(prefix, upTo));
    }

    /**
     * How many keys start with a prefix; as exact as {@link #keys}. Reads each of them: the number of all keys is in
     * {@link KvStore#position}.
     *
     * @param after only keys behind this one
     * @param limit the most keys to count, at least 1
     */
    public Counted count(Prefix prefix, Optional<Key> after, int limit) {
        return read(je -> Listing.count(je.live(), prefix, after, limit));
    }

    /** The cluster time in milliseconds at which the next key expires; empty if none will. */
    public OptionalLong nextExpiry() {
        long[] next = {-1};
        read(je -> {
            Keyspace live = je.live();
            live.expiries().scanKeys(Keys.number(0), expiry -> {
                next[0] = live.timeOf(expiry);
                return false;
            });
            return null;
        });
        return next[0] < 0 ? OptionalLong.empty() : OptionalLong.of(next[0]);
    }

    /** A session that lives. */
    public Optional<Session> session(UUID id) {
        return read(je -> je.live().sessions().get(id));
    }

    /** Sessions by their ids, only those behind one; as exact as {@link #keys}. */
    public List<Session> sessions(Optional<UUID> after, int limit) {
        return read(je -> je.live().sessions().list(after, limit));
    }

    /** How many sessions there are. */
    public long sessionCount() {
        return read(je -> je.live().sessions().total()).count();
    }

    /** How many sessions have begun or ended, which never goes back; empty if there is none now. Cheap to ask for. */
    public OptionalLong sessionChanges() {
        SessionCodec.Total total = read(je -> je.live().sessions().total());
        return total.count() == 0 ? OptionalLong.empty() : OptionalLong.of(total.changes());
    }

    /** How many sessions have begun or ended, whether there is one now or not. */
    public long sessionNumber() {
        return read(je -> je.live().sessions().total()).changes();
    }

    /** Whether the session has what it wants already. It waits for no writer, so an entry may just be changing that. */
    public boolean has(OfSession.Take take) {
        return read(je -> {
            if (take instanceof OfSession.Slot slot) {
                return IntStream.rangeClosed(1, OfSession.Slot.MOST)
                        .anyMatch(number -> isHeldBy(je, slot.key(number), take.session()));
            }
            return isHeldBy(je, ((OfSession.Put) take).key(), take.session());
        });
    }

    private static boolean isHeldBy(JeEnvironment je, Key key, UUID session) {
        return holdOf(je, key).filter(hold -> hold.session().equals(session)).isPresent();
    }

    private static Optional<Hold> holdOf(JeEnvironment je, Key key) {
        byte[] head = je.live().rows().readHead(key.utf8(), RowCodec.HEAD_BYTES);
        return head == null ? Optional.empty() : je.live().history(head).hold();
    }

    /**
     * What stands in the way of a session that wants a key, if anything does; as exact as {@link #has}.
     *
     * @param time of the cluster, in milliseconds
     */
    public Optional<Obstacle> obstacle(OfSession.Take take, long time) {
        return read(je -> {
            if (take instanceof OfSession.Slot slot) {
                return obstacle(
                        slot,
                        SlotChoice.of(
                                slot,
                                key -> holdOf(je, key),
                                key -> je.live().sessions().delay(key).orElse(0),
                                time));
            }
            Key key = ((OfSession.Put) take).key();
            Optional<Hold> hold = holdOf(je, key);
            if (hold.isPresent()) {
                return hold.map(Hold::session)
                        .filter(other -> !other.equals(take.session()))
                        .map(other -> new Obstacle("session " + other + " has this key", Long.MAX_VALUE));
            }
            long delay = je.live().sessions().delay(key).orElse(0);
            return delay > time ? Optional.of(delayed("this key", delay)) : Optional.empty();
        });
    }

    private static Optional<Obstacle> obstacle(OfSession.Slot slot, SlotChoice choice) {
        return choice.refusal()
                .map(reason -> reason == Reason.LOCK_DELAY
                        ? delayed("a slot", choice.until())
                        : new Obstacle("sessions have " + slot.slots() + " slots, or more", Long.MAX_VALUE));
    }

    private static Obstacle delayed(String what, long until) {
        return new Obstacle("a session that had " + what + " has just ended, and its lock_delay is not over", until);
    }

    /** What is known of a restore: how far it is, or that there is none. */
    public Optional<RestoreProgress> restoring() {
        return read(je -> je.keyspaces()
                .stage()
                .map(stage -> new RestoreProgress(stage.id(), stage.keys(), stage.bytes(), stage.touched())));
    }

    /** The HTTP address that a member has announced. */
    public Optional<String> httpAddress(String nodeId) {
        byte[] record = read(je -> je.members().read(nodeId.getBytes(StandardCharsets.UTF_8)));
        return Optional.ofNullable(record).map(RecordCodec::decodeHttpAddress);
    }
}
