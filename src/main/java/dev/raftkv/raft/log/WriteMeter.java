package dev.raftkv.raft.log;

import dev.raftkv.meter.Histogram;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Measures the writes of a leader, and tells the log of slow ones. */
public final class WriteMeter {
    private static final Logger LOG = LoggerFactory.getLogger(WriteMeter.class);

    /** Slow writes come together: a line for each would fill the disk that they wait for. */
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);

    private final String node;
    private final long slowNanos;
    private final Histogram commands = Histogram.ofNumbers(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024);
    private final Histogram times =
            Histogram.ofSeconds(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5);
    private final LongAdder slow = new LongAdder();
    private final AtomicLong slowTold = new AtomicLong();
    private final AtomicLong nextLine = new AtomicLong(System.nanoTime());

    /**
     * @param node its name, for the log
     * @param slow what takes longer is slow
     */
    public WriteMeter(String node, Duration slow) {
        this.node = node;
        this.slowNanos = slow.toNanos();
    }

    /**
     * An entry has ended, applied or failed.
     *
     * @param size its commands
     * @param nanos since it was cut
     */
    void entry(int size, long nanos) {
        commands.record(size);
        times.record(nanos);
    }

    /**
     * A command has ended, applied or failed.
     *
     * @param nanos since it came
     */
    void command(long nanos) {
        if (nanos > slowNanos) {
            slow.increment();
            tell(nanos);
        }
    }

    private void tell(long nanos) {
        long now = System.nanoTime();
        long next = nextLine.get();
        if (now - next >= 0 && nextLine.compareAndSet(next, now + BETWEEN_LINES.toNanos())) {
            long all = slow.sum();
            LOG.warn(
                    "node {}: a write took {} ms; slow ones since the last such line: {}",
                    node,
                    nanos / 1_000_000,
                    all - slowTold.getAndSet(all));
        }
    }

    /** The numbers of commands in entries. */
    public Histogram commands() {
        return commands;
    }

    /** How long entries took. */
    public Histogram times() {
        return times;
    }

    /** How many commands were slow. */
    public long slow() {
        return slow.sum();
    }
}
