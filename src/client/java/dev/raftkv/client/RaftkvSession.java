package dev.raftkv.client;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A session, which a thread of its own renews three times in each {@code ttl} until it is closed. What it has got goes with it: when it
 * is closed, or when nobody could renew it for so long.
 */
public final class RaftkvSession implements AutoCloseable {
    private static final Pattern ID = Pattern.compile("\"id\":\"([0-9a-f-]{36})\"");
    private static final int RENEWALS_IN_A_TTL = 3;

    private final RaftkvClient client;
    private final String id;
    private final Duration ttl;
    private final Thread renewing;
    private final Map<String, RaftkvLock> locks = new ConcurrentHashMap<>();

    /** Before this time of {@link System#nanoTime} it has not ended. */
    private volatile long certainUntil;

    private volatile boolean over;

    private RaftkvSession(RaftkvClient client, String id, Duration ttl, long begun) {
        this.client = client;
        this.id = id;
        this.ttl = ttl;
        this.certainUntil = begun + ttl.toNanos();
        this.renewing = new Thread(this::renewOn, "raftkv-session-" + id);
    }

    static RaftkvSession begin(RaftkvClient client, Duration ttl) throws RaftkvException {
        long begun = System.nanoTime();
        String body = "{\"ttl\":" + ttl.toSeconds() + "}";
        HttpResponse<String> answer = client.ask("POST", "/session", body, client.deadline(), List.of(201));
        Matcher found = ID.matcher(answer.body());
        if (!found.find()) {
            throw new IllegalStateException(answer.uri() + " answers without an id: " + answer.body());
        }
        RaftkvSession session = new RaftkvSession(client, found.group(1), ttl, begun);
        session.renewing.setDaemon(true);
        session.renewing.start();
        return session;
    }

    /** By which the nodes know it. */
    public String id() {
        return id;
    }

    /**
     * Whether it lives for certain. If not it has ended, or may end at any moment: nothing that only its holder may do is to be
     * begun any more.
     */
    public boolean isAlive() {
        return !over && System.nanoTime() - certainUntil < 0;
    }

    /**
     * The lock that is a key; the same object for the same key.
     *
     * @param value a JSON text, which the key has while the lock is held: who holds it, say
     */
    public RaftkvLock lock(String key, String value) {
        String target = "/store?key=" + RaftkvClient.encode(key) + "&session=" + id;
        return locks.computeIfAbsent(target, same -> new RaftkvLock(this, "PUT", target, value));
    }

    /**
     * One of the slots of a semaphore, whichever is free; the same object for the same prefix and number of slots.
     *
     * @param prefix of the keys that stand for the slots
     * @param slots so many sessions may have one at a time, 1 to 256
     * @param value as in {@link #lock}
     */
    public RaftkvLock slot(String prefix, int slots, String value) {
        String target = "/store?prefix=" + RaftkvClient.encode(prefix) + "&slots=" + slots + "&session=" + id;
        String body = "{\"value\":" + value + "}";
        return locks.computeIfAbsent(target, same -> new RaftkvLock(this, "POST", target, body));
    }

    HttpResponse<String> ask(String method, String target, String body, Duration longest, List<Integer> settling)
            throws RaftkvException {
        return client.ask(method, target, body, longest, settling);
    }

    Duration deadline() {
        return client.deadline();
    }

    /** @return whether it lives: it is renewed then */
    synchronized boolean renew() throws RaftkvException {
        if (over) {
            return false;
        }
        long sent = System.nanoTime();
        HttpResponse<String> answer = client.ask("PUT", "/session/" + id, null, ttl, List.of(200, 404));
        if (answer.statusCode() == 404) {
            over = true;
            return false;
        }
        certainUntil = sent + ttl.toNanos();
        return true;
    }

    private void renewOn() {
        try {
            boolean lives = true;
            while (lives) {
                TimeUnit.NANOSECONDS.sleep(ttl.toNanos() / RENEWALS_IN_A_TTL);
                lives = tryRenewing();
            }
        } catch (InterruptedException e) {
            // It is closed.
        }
    }

    /** False only if it has ended. */
    private boolean tryRenewing() throws InterruptedException {
        try {
            return renew();
        } catch (RaftkvException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            // It may live yet, and nodes may answer again.
            return true;
        }
    }

    /**
     * Ends it, and lets go all that it has.
     *
     * @throws RaftkvException if that could not be done in time: it ends by itself then, as nobody renews it any more
     */
    @Override
    public void close() throws RaftkvException {
        over = true;
        renewing.interrupt();
        client.ask("DELETE", "/session/" + id, null, client.deadline(), List.of(200));
    }
}
