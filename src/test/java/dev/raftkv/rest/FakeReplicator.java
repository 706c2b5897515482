package dev.raftkv.rest;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.kv.Applied;
import dev.raftkv.kv.ClusterClock;
import dev.raftkv.kv.LockQueue;
import dev.raftkv.kv.OwnRestores;
import dev.raftkv.kv.Progress;
import dev.raftkv.kv.Replicator;
import dev.raftkv.kv.SessionLeases;
import dev.raftkv.kv.WatchHub;
import dev.raftkv.machine.CommandApplier;
import dev.raftkv.model.Address;
import dev.raftkv.model.Batch;
import dev.raftkv.model.Birth;
import dev.raftkv.model.Birth.Stage;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.DiskRoom;
import dev.raftkv.model.Identity;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Member;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Role;
import dev.raftkv.model.Write;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.StoreSettings;
import dev.raftkv.store.WriteTransaction;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Predicate;

/** Applies commands to a real store on the calling thread, unless told otherwise. */
final class FakeReplicator implements Replicator, AutoCloseable {
    private static final UUID GROUP = UUID.fromString("00000000-0000-0001-0000-000000000002");

    static final int MAX_WATCHES = 50;

    /** What the ids of its changes call its cluster. */
    static final String CLUSTER = "3f2a90c1";

    private final KvStore store;
    private final Semaphore arrived = new Semaphore(0);
    private final CommandApplier applier = new CommandApplier();
    private volatile Function<Write, CompletableFuture<Outcome>> writes = this::apply;
    private final ExecutorService wakes = Executors.newSingleThreadExecutor();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private volatile CompletableFuture<Void> leaderChange = new CompletableFuture<>();
    private final Progress progress = new Progress(Runnable::run);
    private final ClusterClock clock = new ClusterClock();
    final OwnRestores restores = new OwnRestores();
    final SessionLeases sessions = new SessionLeases();
    private final WatchHub watches = new WatchHub(this::store, wakes, MAX_WATCHES);
    final LockQueue locks = new LockQueue(() -> this, clock, wakes, System::nanoTime);
    private volatile boolean lease = true;
    private final AtomicReference<Throwable> broken = new AtomicReference<>();
    private volatile Optional<KvException> idle = Optional.empty();
    private volatile NodeStatus status = leader();
    volatile Optional<DiskRoom> disk = Optional.empty();

    FakeReplicator(Path directory) {
        store = new KvStore(directory, new StoreSettings(1 << 20));
        store.open();
        watches.opened(0, CLUSTER);
        timer.scheduleWithFixedDelay(progress::expire, 20, 20, TimeUnit.MILLISECONDS);
        timer.scheduleWithFixedDelay(locks::look, 20, 20, TimeUnit.MILLISECONDS);
    }

    /** Every write from now on ends like this. */
    void writesEnd(CompletableFuture<Outcome> end) {
        writes = command -> end;
    }

    void writesFail(Code code, String sentence) {
        writesEnd(CompletableFuture.failedFuture(new KvException(code, sentence)));
    }

    /** Writes of some commands fail from now on. */
    void writesFail(Predicate<Command> which, Code code, String sentence) {
        writes = write -> which.test(write.command())
                ? CompletableFuture.failedFuture(new KvException(code, sentence))
                : apply(write);
    }

    /** Returns when a write has arrived that does not end by itself. */
    void awaitWrite() throws InterruptedException {
        assertTrue(arrived.tryAcquire(20, TimeUnit.SECONDS), "no write arrived");
    }

    /** The leader again, whose writes work. */
    void reset() {
        writes = this::apply;
        idle = Optional.empty();
        status = leader();
        lease = true;
        arrived.drainPermits();
    }

    /** This node serves nothing from now on. */
    /** The next access to the store fails so. */
    void broken(Throwable failure) {
        broken.set(failure);
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void raise(Throwable failure) throws E {
        throw (E) failure;
    }

    void idle(String sentence) {
        idle = Optional.of(new KvException(Code.UNAVAILABLE, sentence));
    }

    /** This node is a follower from now on. */
    void follow(Optional<String> leaderId, Optional<String> leaderHttpAddress) {
        writesFail(Code.NOT_LEADER, "raftkv's own words for it");
        lease = false;
        status = status(Role.FOLLOWER, OptionalLong.of(42), leaderId, leaderHttpAddress, Optional.empty());
    }

    void status(NodeStatus next) {
        status = next;
    }

    static NodeStatus leader() {
        return status(
                Role.LEADER,
                OptionalLong.of(0),
                Optional.of("node1"),
                Optional.of("http://one:2221"),
                Optional.empty());
    }

    static NodeStatus status(
            Role role,
            OptionalLong lastContactMillis,
            Optional<String> leaderId,
            Optional<String> leaderHttpAddress,
            Optional<String> failure) {
        List<Member> members = List.of(
                new Member("node1", new Address("127.0.0.1", 1111), Optional.of("http://one:2221"), true),
                new Member("node2", new Address("::1", 1112), Optional.empty(), true),
                new Member("node3", new Address("127.0.0.1", 1113), Optional.empty(), false));
        return status(role, members, lastContactMillis, leaderId, leaderHttpAddress, failure);
    }

    static NodeStatus status(Role role, List<Member> members) {
        return status(role, members, OptionalLong.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static NodeStatus status(
            Role role,
            List<Member> members,
            OptionalLong lastContactMillis,
            Optional<String> leaderId,
            Optional<String> leaderHttpAddress,
            Optional<String> failure) {
        return new NodeStatus(
                "node1",
                role,
                2,
                13,
                2,
                12,
                11,
                -1,
                -1,
                lastContactMillis,
                members,
                leaderId,
                leaderHttpAddress,
                failure,
                new Identity(
                        "node1",
                        new Address("127.0.0.1", 1111),
                        new Birth(Stage.MEMBER, GROUP, Stage.ASKING),
                        List.of("http://one:2221", "http://two:2221")));
    }

    private synchronized CompletableFuture<Outcome> apply(Write write) {
        return CompletableFuture.completedFuture(apply(List.of(write)).get(0));
    }

    private synchronized List<Outcome> apply(List<Write> entry) {
        long index = store.position().index() + 1;
        ClusterClock.Stamp stamp = clock.stamp();
        clock.applied(stamp);
        try (WriteTransaction transaction = store.begin(stamp.time())) {
            List<Outcome> outcomes = applier.apply(new Batch(stamp.time(), entry), 1, index, transaction);
            transaction.commit(1, index);
            applied().committed(transaction.changes(), transaction.revision());
            progress.reached(index, transaction.revision());
            return outcomes;
        }
    }

    /** As {@link #replicate(Command)}, as one entry. */
    void replicate(List<Command> commands) {
        apply(commands.stream().map(Write::of).toList());
    }

    /** A change that comes from the leader, while this node follows. */
    void replicate(Command command) {
        apply(Write.of(command));
    }

    @Override
    public CompletableFuture<Outcome> write(Write write) {
        CompletableFuture<Outcome> end = writes.apply(write);
        if (!end.isDone()) {
            arrived.release();
        }
        return end;
    }

    @Override
    public CompletableFuture<Long> barrier() {
        return write(Write.of(new Command.Barrier())).thenApply(outcome -> ((Outcome.Passed) outcome).index());
    }

    @Override
    public CompletableFuture<Long> readIndex() {
        return barrier();
    }

    @Override
    public CompletableFuture<Long> leaderIndex() {
        return barrier();
    }

    @Override
    public CompletableFuture<Void> leaderChange() {
        return leaderChange;
    }

    /** Another node leads now. */
    void leaderChanges() {
        CompletableFuture<Void> heard = leaderChange;
        leaderChange = new CompletableFuture<>();
        heard.complete(null);
    }

    @Override
    public boolean holdsLease() {
        return lease;
    }

    /** Whether this node may count on leading still. */
    void lease(boolean held) {
        lease = held;
    }

    Applied applied() {
        return new Applied(clock, progress, watches, restores, sessions, locks);
    }

    /** On which streams are woken. */
    Executor wakes() {
        return wakes;
    }

    WatchHub watches() {
        return watches;
    }

    @Override
    public KvStore store() {
        Throwable failure = broken.getAndSet(null);
        if (failure != null) {
            FakeReplicator.<RuntimeException>raise(failure);
        }
        idle.ifPresent(reason -> {
            throw reason;
        });
        return store;
    }

    @Override
    public NodeStatus status() {
        return status;
    }

    @Override
    public Optional<DiskRoom> disk() {
        return disk;
    }

    @Override
    public void close() {
        watches.close();
        wakes.shutdown();
        timer.shutdown();
        store.close();
    }
}
