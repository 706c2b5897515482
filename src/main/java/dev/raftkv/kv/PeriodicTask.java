package dev.raftkv.kv;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does something again and again, whatever becomes of one time. A {@link ScheduledExecutorService} by itself never again runs
 * a task that has thrown once, and says nothing.
 */
public final class PeriodicTask {
    private static final Logger LOG = LoggerFactory.getLogger(PeriodicTask.class);

    /** What fails, fails again soon: a line each time would fill the log. */
    private static final long LINE_NANOS = Duration.ofMinutes(1).toNanos();

    private final String name;
    private final Runnable step;
    private final LongAdder failures = new LongAdder();
    private long nextLine = System.nanoTime();

    /** @param name for the log: what is not done while the step fails */
    public PeriodicTask(String name, Runnable step) {
        this.name = name;
        this.step = step;
    }

    /** Begins, after a first pause. It ends with the timer. */
    public void start(ScheduledExecutorService timer, Duration pause) {
        timer.scheduleWithFixedDelay(this::run, pause.toNanos(), pause.toNanos(), TimeUnit.NANOSECONDS);
    }

    public String name() {
        return name;
    }

    /** How often the step has thrown. */
    public long failures() {
        return failures.sum();
    }

    private void run() {
        try {
            step.run();
        } catch (Throwable e) {
            failures.increment();
            tell(e);
        }
    }

    private void tell(Throwable failure) {
        try {
            if (System.nanoTime() - nextLine >= 0) {
                nextLine = System.nanoTime() + LINE_NANOS;
                LOG.error("{} has failed, and will be tried again; failures so far: {}", name, failures(), failure);
            }
        } catch (Throwable e) {
            // There may be no memory for the line. The next time counts more.
        }
    }
}
