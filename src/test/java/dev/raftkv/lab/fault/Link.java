package dev.raftkv.lab.fault;

import java.time.Duration;
import java.util.Random;

/** What happens now to bytes on their way from one node to another, for one kind of traffic. */
final class Link {
    /** The shortest time after which TCP sends again what was lost. */
    private static final long RESEND_MILLIS = 200;

    private final Random random;
    private boolean cut;
    private long delayMillis;
    private int lossPercent;

    Link(long seed) {
        this.random = new Random(seed);
    }

    synchronized void cut() {
        cut = true;
    }

    synchronized void slow(Duration delay) {
        delayMillis = delay.toMillis();
    }

    synchronized void lossy(int percent) {
        lossPercent = percent;
    }

    synchronized void heal() {
        cut = false;
        delayMillis = 0;
        lossPercent = 0;
        notifyAll();
    }

    synchronized boolean isCut() {
        return cut;
    }

    /** Returns when bytes that set out now arrive: what is lost is sent again, later each time. */
    synchronized void travel() throws InterruptedException {
        long wait = delayMillis;
        for (long resend = RESEND_MILLIS; random.nextInt(100) < lossPercent; resend *= 2) {
            wait += resend;
        }
        long end = System.nanoTime() + wait * 1_000_000;
        for (long left = wait;
                left > 0 && delayMillis + lossPercent > 0;
                left = (end - System.nanoTime()) / 1_000_000) {
            wait(left);
        }
        while (cut) {
            wait();
        }
    }
}
