package dev.raftkv.raft.log;

import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Write;
import dev.raftkv.raft.ratis.RaftErrors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts all commands that are waiting into one Raft entry: one append, one sync, one store transaction for the lot. An entry
 * is cut when none is in flight, and those whom the last one has answered had time to come again ({@link Gathering}). A write
 * that is alone passes through no other thread here: its caller appends it, and whoever has applied it answers.
 *
 * <p>A small command can have a large outcome: a transaction reads up to 8 MiB. So what reads waits not only for its entry but
 * for room too, until enough of the outcomes before it are answered, and enough of those answers sent; what does not read
 * passes it.
 */
public final class GroupCommit implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);

    /** Entries on their way at once. With two, each is half as full and costs as much: fewer writes a second, measured. */
    private static final int ENTRIES_IN_FLIGHT = 1;

    private static final int COMMANDS_PER_ENTRY = 1024;

    /** What has more stands in an entry without another one of its kind: each key takes its time at all nodes. */
    private static final int RANGE_KEYS_PER_ENTRY = 10_000;

    private static final int ANSWERS_PER_TASK = 16;

    /** A request of so many bytes has an answer that is made and sent in less time than another thread needs to begin. */
    private static final int SMALL = 4096;

    private static final long IDLE_MILLIS = 100;

    /** How soon what is held is looked at again, if nothing else comes. */
    private static final long HELD_MILLIS = 5;

    /**
     * @param entryBytes the most bytes of commands in one entry
     * @param commands the most commands that may wait
     * @param bytes the most bytes of commands that may wait
     * @param resultBytes the most bytes of values that outcomes may hold until they are answered; one command may have more
     * @param answerBytes the most that those and the answers before them that are not sent yet may hold; as above
     * @param timeout how long a command may wait for its outcome
     */
    public record Limits(
            int entryBytes, int commands, long bytes, long resultBytes, long answerBytes, Duration timeout) {}

    /** Tells before a command is applied how large its outcome may be. */
    interface ResultSize {
        /**
         * How many bytes of values the outcome may hold; 0 for a command whose outcome is no longer than the command, or a
         * kilobyte.
         *
         * @param written the largest value that commands before it in the same entry may have written, in bytes
         */
        long of(Write write, long written);
    }

    private final Function<List<EncodedWrite>, CompletableFuture<List<Outcome>>> log;
    private final Limits limits;
    private final ResultSize resultSize;
    private final LongSupplier unsent;
    private final BooleanSupplier ready;
    private final Executor answers;
    private final WriteMeter meter;
    private final BlockingQueue<PendingWrite> queue = new LinkedBlockingQueue<>();
    private final Queue<PendingWrite> byDeadline = new ConcurrentLinkedQueue<>();
    private final AtomicLong results = new AtomicLong();

    /** What found no room for its result, in order. Added to by the cutter. */
    private final Queue<PendingWrite> held = new ConcurrentLinkedQueue<>();

    private final Gathering gathering = new Gathering(System::nanoTime);
    private final Semaphore inFlight = new Semaphore(ENTRIES_IN_FLIGHT);
    private final AtomicInteger pending = new AtomicInteger();
    private final AtomicLong pendingBytes = new AtomicLong();

    /** Ends when this node has handed its leadership over, or could not; whether it leads then. */
    private final CompletableFuture<Boolean> departure = new CompletableFuture<>();

    private final AtomicInteger refusedLater = new AtomicInteger();
    private final AtomicLong refusedLaterBytes = new AtomicLong();
    private final Thread cutter;
    private volatile boolean closed;

    /**
     * @param threads makes the thread that makes entries
     * @param unsent how many bytes of answers are made of outcomes and not sent yet
     * @param log appends one entry; may block for a moment. Its future ends with an outcome per command, or with a
     *     {@link KvException} that is true for all of them
     * @param ready whether an append would wait for a lock only, which nobody holds for long
     * @param answers completes the callers' futures, but for small ones
     * @param meter is told of each entry and each command
     */
    public GroupCommit(
            ThreadFactory threads,
            Limits limits,
            ResultSize resultSize,
            LongSupplier unsent,
            Function<List<EncodedWrite>, CompletableFuture<List<Outcome>>> log,
            BooleanSupplier ready,
            Executor answers,
            WriteMeter meter) {
        this.meter = meter;
        this.log = log;
        this.limits = limits;
        this.resultSize = resultSize;
        this.unsent = unsent;
        this.ready = ready;
        this.answers = answers;
        this.cutter = threads.newThread(this::cutEntries);
    }

    public void start() {
        cutter.start();
    }

    /** Never blocks; the future ends as {@link dev.raftkv.kv.Replicator#write} says. */
    public CompletableFuture<Outcome> write(Write request) {
        return write(request, Optional::empty, false);
    }

    /**
     * The same for a caller who may wait for a lock of Ratis, one of all at a time. What depends on the future must not block: it
     * may be completed by the thread that applies entries.
     *
     * @param refusal why there are to be no writes just now, if so; asked when the write counts as pending already, so that
     *     whoever forbids writes and then finds none pending knows that there will be none
     */
    public CompletableFuture<Outcome> write(Write request, Supplier<Optional<KvException>> refusal) {
        return write(request, refusal, true);
    }

    private CompletableFuture<Outcome> write(
            Write request, Supplier<Optional<KvException>> refusal, boolean mayAppend) {
        EncodedWrite encoded = EncodedWrite.of(request);
        int size = encoded.size();
        if (size > limits.entryBytes) {
            return CompletableFuture.failedFuture(new KvException(
                    Code.TOO_LARGE,
                    "the request is too large: " + size + " bytes, the limit is " + limits.entryBytes
                            + " bytes: nothing was changed; send less at once"));
        }
        boolean isLight = mayAppend && size <= SMALL && answersShort(request.command());
        PendingWrite write = new PendingWrite(encoded, size, System.nanoTime() + limits.timeout.toNanos(), isLight);
        // Both are counted, whatever comes of it: release takes both back.
        boolean roomForOne = pending.incrementAndGet() <= limits.commands;
        boolean roomForBytes = pendingBytes.addAndGet(size) <= limits.bytes;
        if (closed) {
            release(write);
            refuseLater(write);
            return write.answer;
        }
        if (!roomForOne || !roomForBytes) {
            release(write);
            return CompletableFuture.failedFuture(new KvException(
                    Code.UNAVAILABLE, "too many writes are waiting: nothing was changed; try again later"));
        }
        Optional<KvException> refused = refusal.get();
        if (refused.isPresent()) {
            release(write);
            return CompletableFuture.failedFuture(refused.get());
        }
        byDeadline.add(write);
        if (appendAlone(write)) {
            return write.answer;
        }
        queue.add(write);
        gathering.come(queue.size() + 1);
        if (closed) {
            // It may have come behind the last look of close() at the queue.
            endUnsent(write);
        }
        return write.answer;
    }

    /** Whether the answer is hardly longer than the request, or a kilobyte. */
    private static boolean answersShort(Command command) {
        return command instanceof Command.Put
                || command instanceof Command.Append
                || command instanceof Command.Add
                || command instanceof Command.Delete
                || command instanceof Command.OfConsul.Put
                || command instanceof Command.OfConsul.Delete
                || command instanceof Command.Txn txn
                        && !txn.reads()
                        && !txn.has(TxnOp.Add.class)
                        && txn.rangeKeys() == 0;
    }

    public boolean isIdle() {
        return pending.get() == 0;
    }

    /** How many commands wait for their outcome. */
    public int pending() {
        return pending.get();
    }

    /** How many bytes the commands have that wait for their outcome. */
    public long pendingBytes() {
        return pendingBytes.get();
    }

    /**
     * Makes an entry of a write that nobody is before or with, on its caller's thread: another's turn costs more than the rest of
     * what is done here. False if it has to take its turn.
     */
    private boolean appendAlone(PendingWrite write) {
        if (pending.get() > 1
                || !write.isLight
                || !gathering.isOver()
                || !ready.getAsBoolean()
                || !inFlight.tryAcquire()) {
            return false;
        }
        if (closed || !write.take()) {
            inFlight.release();
            return false;
        }
        append(List.of(write));
        return true;
    }

    private void cutEntries() {
        try {
            while (!closed) {
                PendingWrite first = queue.poll(held.isEmpty() ? IDLE_MILLIS : HELD_MILLIS, TimeUnit.MILLISECONDS);
                Cut cut = new Cut();
                boolean mayCut = false;
                try {
                    mayCut = (first != null || hasRoom(held.peek()))
                            && inFlight.tryAcquire(limits.timeout.toMillis(), TimeUnit.MILLISECONDS);
                    if (mayCut) {
                        gather(first);
                        fill(cut, first);
                    }
                } catch (RuntimeException | Error e) {
                    // Without this thread nothing would be written any more.
                    giveUp(cut, first, e);
                }
                if (mayCut) {
                    append(cut.entry);
                }
            }
        } catch (InterruptedException e) {
            // Nobody interrupts this thread but a JVM that is going down; what waits then ends by its deadline.
            Thread.currentThread().interrupt();
        }
    }

    private void gather(PendingWrite first) {
        if (first != null && held.isEmpty()) {
            gathering.await(() -> closed ? COMMANDS_PER_ENTRY : queue.size() + 1, COMMANDS_PER_ENTRY);
        }
    }

    private boolean hasRoom(PendingWrite write) {
        return write != null && (write.isTaken() || fits(resultSize.of(write.request.write(), 0)));
    }

    private boolean fits(long resultBytes) {
        // In this order: what becomes an answer meanwhile is counted twice, and not missed.
        long before = results.get();
        long waiting = before + unsent.getAsLong();
        return (before == 0 || before + resultBytes <= limits.resultBytes)
                && (waiting == 0 || waiting + resultBytes <= limits.answerBytes);
    }

    /** @param first null if only those that are held wait */
    private void fill(Cut cut, PendingWrite first) {
        if (first != null) {
            cut.addOrHold(first);
        }
        for (PendingWrite next = held.peek(); next != null && cut.hasRoom(next) && cut.add(next); next = held.peek()) {
            held.poll();
        }
        for (PendingWrite next = queue.peek(); next != null && cut.hasRoom(next); next = queue.peek()) {
            cut.addOrHold(next);
            queue.poll();
        }
    }

    /** Refuses what is in hand, and what is held: either may be what cannot be cut. None of it is in the log. */
    private void giveUp(Cut cut, PendingWrite first, Throwable failure) {
        LOG.error("{}: no entry could be made of the writes that wait", cutter.getName(), failure);
        KvException refusal =
                RaftErrors.unavailable("this node could not make a Raft entry of it (its log tells more)", failure);
        for (PendingWrite write : cut.entry) {
            results.addAndGet(-write.result);
            refuse(write, refusal);
        }
        cut.entry.clear();
        Stream.concat(Stream.ofNullable(first), held.stream())
                .filter(PendingWrite::take)
                .forEach(write -> refuse(write, refusal));
        held.clear();
    }

    private void refuse(PendingWrite write, KvException refusal) {
        release(write);
        onAnswers(() -> write.answer.completeExceptionally(refusal));
    }

    /** An entry in the making. */
    private final class Cut {
        private final List<PendingWrite> entry = new ArrayList<>();
        private long bytes;
        private long written;

        private long rangeKeys;

        boolean hasRoom(PendingWrite write) {
            return entry.size() < COMMANDS_PER_ENTRY
                    && bytes + write.size <= limits.entryBytes
                    && hasRoom(rangeKeysOf(write));
        }

        private boolean hasRoom(int keys) {
            return keys == 0 || rangeKeys == 0 || rangeKeys + keys <= RANGE_KEYS_PER_ENTRY;
        }

        private static int rangeKeysOf(PendingWrite write) {
            return write.request.write().command().rangeKeys();
        }

        void addOrHold(PendingWrite write) {
            boolean waitsItsTurn = !held.isEmpty() && resultOf(write) > 0;
            if (waitsItsTurn || !add(write)) {
                held.add(write);
            }
        }

        private long resultOf(PendingWrite write) {
            return resultSize.of(write.request.write(), Math.max(written, write.size));
        }

        /** False if there is no room for its result now. */
        boolean add(PendingWrite write) {
            long result = resultOf(write);
            if (result > 0 && !fits(result)) {
                return false;
            }
            if (write.take()) {
                results.addAndGet(result);
                write.result = result;
                entry.add(write);
                bytes += write.size;
                written = Math.max(written, write.size);
                rangeKeys += rangeKeysOf(write);
            }
            return true;
        }
    }

    private void append(List<PendingWrite> entry) {
        if (entry.isEmpty()) {
            inFlight.release();
            return;
        }
        long cut = System.nanoTime();
        CompletableFuture<List<Outcome>> applied;
        try {
            applied = log.apply(entry.stream().map(write -> write.request).toList());
        } catch (RuntimeException | Error e) {
            // As above.
            applied = CompletableFuture.failedFuture(e);
        }
        applied.whenComplete((outcomes, failure) -> {
            long took = System.nanoTime() - cut;
            gathering.ended(pending.get(), took);
            inFlight.release();
            meter.entry(entry.size(), took);
            if (entry.size() == 1 && entry.get(0).isLight && failure == null) {
                answer(entry, outcomes, null, 0, 1);
                return;
            }
            for (int from = 0; from < entry.size(); from += ANSWERS_PER_TASK) {
                int start = from;
                int end = Math.min(entry.size(), from + ANSWERS_PER_TASK);
                onAnswers(() -> answer(entry, outcomes, failure, start, end));
            }
        });
    }

    /** Every future ends, also when the threads for it have gone. */
    private void onAnswers(Runnable task) {
        try {
            answers.execute(task);
        } catch (RejectedExecutionException e) {
            task.run();
        }
    }

    private void answer(List<PendingWrite> entry, List<Outcome> outcomes, Throwable failure, int from, int to) {
        for (int i = from; i < to; i++) {
            PendingWrite write = entry.get(i);
            release(write);
            if (failure == null) {
                write.answer.complete(outcomes.get(i));
            } else {
                write.answer.completeExceptionally(
                        failure instanceof CompletionException ? failure.getCause() : failure);
            }
            if (write.result > 0) {
                // The caller has made its answer of it by now, and counts that as unsent.
                results.addAndGet(-write.result);
            }
        }
    }

    /** Ends the writes whose time is over; to be called some times a second. */
    public void expire() {
        long now = System.nanoTime();
        for (PendingWrite head = byDeadline.peek();
                head != null && (head.answer.isDone() || now - head.deadline >= 0);
                head = byDeadline.peek()) {
            byDeadline.poll();
            end(head);
        }
    }

    private void end(PendingWrite write) {
        if (endUnsent(write) || write.answer.isDone() || write.isGivenUp()) {
            return;
        }
        KvException end = RaftErrors.outcomeUnknown(
                closed
                        ? "its commit was not seen before this node stopped"
                        : "its commit was not seen within " + limits.timeout.toMillis() + " ms",
                null);
        onAnswers(() -> write.answer.completeExceptionally(end));
    }

    /** Ends it if it is in no entry, and never will be. One that is in an entry may be committed in the next moment. */
    private boolean endUnsent(PendingWrite write) {
        if (!write.giveUp()) {
            return false;
        }
        release(write);
        if (closed) {
            refuseLater(write);
        } else {
            KvException end = new KvException(
                    Code.UNAVAILABLE,
                    "the cluster did not take the write in time: nothing was changed; try again later");
            onAnswers(() -> write.answer.completeExceptionally(end));
        }
        return true;
    }

    private void release(PendingWrite write) {
        if (write.release()) {
            pending.decrementAndGet();
            pendingBytes.addAndGet(-write.size);
            meter.command(System.nanoTime() - write.deadline + limits.timeout.toNanos());
        }
    }

    /** Whoever comes while the node stops need not come again before there is somebody to go to. */
    private void refuseLater(PendingWrite write) {
        CompletableFuture<Outcome> answer = write.answer;
        boolean isRoom = refusedLater.incrementAndGet() <= limits.commands
                && refusedLaterBytes.addAndGet(write.size) <= limits.bytes;
        if (!isRoom && !departure.isDone()) {
            onAnswers(() -> answer.completeExceptionally(stopping()));
            return;
        }
        departure.whenComplete((leads, failure) ->
                onAnswers(() -> answer.completeExceptionally(leads ? stopping() : RaftErrors.notLeader())));
    }

    private static KvException stopping() {
        return new KvException(Code.UNAVAILABLE, "this node is stopping: nothing was changed; ask another node");
    }

    /**
     * To be called when this node, which takes no more writes, has handed its leadership over, or could not.
     *
     * @param leads whether it leads still
     */
    public void departed(boolean leads) {
        departure.complete(leads);
    }

    /**
     * Takes no more writes. Those that wait still end, by their entry, by {@link #expire} or by {@link #abandon}; those that are
     * in no entry yet, or come now, by {@link #departed}.
     */
    @Override
    public void close() {
        closed = true;
        // The cutter looks up at once: a leader that stops has its successor wait for this.
        queue.add(PendingWrite.nothing());
        gathering.come(COMMANDS_PER_ENTRY);
        try {
            cutter.join(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        queue.forEach(this::endUnsent);
        held.forEach(this::endUnsent);
    }

    /** Ends all that still waits; to be called when there is nothing left that could end it. */
    public void abandon() {
        departed(true);
        byDeadline.forEach(this::end);
    }

    /** A write and the future that its caller waits for. */
    private static final class PendingWrite {
        private final EncodedWrite request;
        private final long size;
        private final long deadline;
        /** Whether its caller may append it, and whoever has applied it may answer. */
        private final boolean isLight;

        private final CompletableFuture<Outcome> answer = new CompletableFuture<>();
        private final AtomicInteger flags = new AtomicInteger();

        /** The room that its result takes. Set by the cutter before the entry is appended. */
        private long result;

        PendingWrite(EncodedWrite request, long size, long deadline, boolean isLight) {
            this.request = request;
            this.size = size;
            this.deadline = deadline;
            this.isLight = isLight;
        }

        /** Wakes who waits for writes, and is none. */
        static PendingWrite nothing() {
            PendingWrite nothing = new PendingWrite(EncodedWrite.of(Write.of(new Command.Barrier())), 0, 0, false);
            nothing.take();
            nothing.answer.complete(null);
            return nothing;
        }

        /** True for the first caller, who decides whether the write goes into an entry or is given up. */
        boolean take() {
            return (flags.getAndUpdate(f -> f | 1) & 1) == 0;
        }

        /** True for the first caller, if nobody has taken it before. */
        boolean giveUp() {
            return (flags.getAndUpdate(f -> (f & 1) == 0 ? f | 1 | 4 : f) & 1) == 0;
        }

        boolean isGivenUp() {
            return (flags.get() & 4) != 0;
        }

        boolean isTaken() {
            return (flags.get() & 1) != 0;
        }

        /** True for the first caller, who gives the write's room back. */
        boolean release() {
            return (flags.getAndUpdate(f -> f | 2) & 2) == 0;
        }
    }
}
