package dev.raftkv.node;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at something again and again on a thread of its own, less and less often, until it is closed. */
final class Rounds implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final Duration shortest;
    private final BooleanSupplier news;
    private final BooleanSupplier look;
    private final Thread thread;
    private final CountDownLatch closing = new CountDownLatch(1);

    /**
     * @param name of the thread
     * @param shortest the pause before the first look; each one after that is twice as long as the one before, up to 30 s
     * @param look may block; returns whether the pauses begin anew
     */
    Rounds(String name, Duration shortest, BooleanSupplier look) {
        this(name, shortest, () -> false, look);
    }

    /** @param news whether to look now and begin the pauses anew; asked after each shortest pause */
    Rounds(String name, Duration shortest, BooleanSupplier news, BooleanSupplier look) {
        this.shortest = shortest;
        this.news = news;
        this.look = look;
        this.thread = new Thread(this::run, name);
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        Duration pause = shortest;
        Duration waited = Duration.ZERO;
        while (!await(shortest)) {
            waited = waited.plus(shortest);
            try {
                boolean anew = news.getAsBoolean();
                if (anew || waited.compareTo(pause) >= 0) {
                    waited = Duration.ZERO;
                    pause = look.getAsBoolean() || anew ? shortest : longer(pause);
                }
            } catch (RuntimeException e) {
                // The top of the thread: a node that closes, most likely; the next look comes.
                LOG.debug("{}", thread.getName(), e);
            } catch (Error e) {
                LOG.error("{}", thread.getName(), e);
            }
        }
    }

    private boolean await(Duration pause) {
        try {
            return closing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join(CLOSE_TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
