package dev.raftkv.client;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A lock that one holds at a time, of all threads of all programs that ask the cluster for it, or a slot of a semaphore. Much as a {@link
 * java.util.concurrent.locks.Lock}, but: it can be lost, with its session, so {@link #isHeld} is to be asked before what only its
 * holder may do, and {@link #token} to be shown to whatever that changes. It is not reentrant, and any thread may let it go.
 *
 * <p>If asking for it fails its session may have it all the same, until it is asked for again and let go, or the session is closed.
 */
public final class RaftkvLock {
    /** Of one request; then it asks again. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);

    /** For an answer, besides the wait. */
    private static final Duration ANSWER = Duration.ofSeconds(5);

    private static final int ATTEMPTS = 3;
    private static final Pattern TOKEN = Pattern.compile("\"token\":(\\d+)\\}\\}\\s*$");
    private static final Pattern SLOT = Pattern.compile("(\\d{3})\",\"value\":");

    private final RaftkvSession session;
    private final String method;
    private final String target;
    private final String body;

    /** Threads of this program exclude each other here: to the nodes they are one session. */
    private final Semaphore own = new Semaphore(1, true);

    private final AtomicReference<Hold> hold = new AtomicReference<>();

    /** @param target by which it is let go */
    private record Hold(long token, String target) {}

    RaftkvLock(RaftkvSession session, String method, String target, String body) {
        this.session = session;
        this.method = method;
        this.target = target;
        this.body = body;
    }

    /**
     * Waits until it is held.
     *
     * @throws RaftkvException if the session has ended, or no node answers
     */
    public void lock() throws RaftkvException, InterruptedException {
        boolean got = false;
        while (!got) {
            got = tryLock(LONGEST_WAIT);
        }
    }

    /** Whether it could be had at once. */
    public boolean tryLock() throws RaftkvException {
        if (!own.tryAcquire()) {
            return false;
        }
        boolean got = false;
        try {
            got = take(0);
        } finally {
            if (!got) {
                own.release();
            }
        }
        return got;
    }

    /**
     * Waits until it is held, behind those who have waited for longer.
     *
     * @return false if it could not be had in so long
     * @throws RaftkvException as {@link #lock}
     */
    public boolean tryLock(Duration patience) throws RaftkvException, InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        if (!own.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
            return false;
        }
        boolean got = false;
        try {
            long left = Math.max(0, end - System.nanoTime());
            got = take(TimeUnit.NANOSECONDS.toSeconds(left));
            for (left = end - System.nanoTime(); !got && left > 0; left = end - System.nanoTime()) {
                long seconds = TimeUnit.NANOSECONDS.toSeconds(left);
                if (seconds == 0) {
                    // Nodes count in whole ones.
                    TimeUnit.NANOSECONDS.sleep(left);
                }
                got = take(seconds);
            }
        } finally {
            if (!got) {
                own.release();
            }
        }
        return got;
    }

    /** @param seconds 0: it does not wait */
    private boolean take(long seconds) throws RaftkvException {
        long wait = Math.min(seconds, LONGEST_WAIT.toSeconds());
        HttpResponse<String> answer = session.ask(
                method,
                wait == 0 ? target : target + "&wait=" + wait,
                body,
                wait == 0 ? session.deadline() : ANSWER.plusSeconds(wait).multipliedBy(ATTEMPTS),
                List.of(200, 409));
        if (answer.statusCode() == 200) {
            hold.set(new Hold(Long.parseLong(find(TOKEN, answer)), isSlot() ? slot(answer) : target));
            return true;
        }
        if (!session.renew()) {
            throw new RaftkvException("the session has ended: begin another one", 404, null);
        }
        return false;
    }

    private boolean isSlot() {
        return method.equals("POST");
    }

    private String slot(HttpResponse<String> answer) {
        return target.replaceFirst("prefix=([^&]*)&slots=[^&]*", "key=$1" + find(SLOT, answer));
    }

    private static String find(Pattern pattern, HttpResponse<String> answer) {
        Matcher found = pattern.matcher(answer.body());
        if (!found.find()) {
            throw new IllegalStateException(answer.uri() + " answers without it: " + answer.body());
        }
        return found.group(1);
    }

    /** Whether it is held for certain. */
    public boolean isHeld() {
        return hold.get() != null && session.isAlive();
    }

    /**
     * What stands for this hold: greater than for all before it. What the lock protects has to refuse who shows a smaller one than it
     * has seen.
     *
     * @throws IllegalStateException if it is not held
     */
    public long token() {
        return held(hold.get()).token();
    }

    private static Hold held(Hold known) {
        if (known == null) {
            throw new IllegalStateException("the lock is not held");
        }
        return known;
    }

    /**
     * Lets it go, also if it was lost.
     *
     * @throws IllegalStateException if it is not held
     * @throws RaftkvException if it is not certain that the nodes have heard of it; it can be asked for again all the same
     */
    public void unlock() throws RaftkvException {
        Hold known = held(hold.getAndSet(null));
        try {
            session.ask("DELETE", known.target(), null, session.deadline(), List.of(200, 409));
        } finally {
            own.release();
        }
    }
}
