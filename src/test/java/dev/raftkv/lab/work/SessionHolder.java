package dev.raftkv.lab.work;

import dev.raftkv.lab.history.History;
import dev.raftkv.lab.history.Holding;
import dev.raftkv.lab.history.Holding.What;
import dev.raftkv.lab.history.Outcome;
import dev.raftkv.lab.work.Asker.Exchange;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Has one session after the other: gives a key to it, renews it for a while, often at the last moment, and then ends it, or leaves
 * it to die and looks on.
 */
final class SessionHolder {
    private static final int MAX_TTL_SECONDS = 4;
    private static final int MAX_RENEWALS = 6;
    private static final int ATTEMPTS = 10;
    private static final long MAX_PAUSE_MS = 150;
    private static final long BACK_OFF_MS = 30;

    private final int number;
    private final Plan plan;
    private final Asker asker;
    private final Random random;
    private final History history;
    private int sessions;

    SessionHolder(int number, Plan plan, Asker asker, Random random, History history) {
        this.number = number;
        this.plan = plan;
        this.asker = asker;
        this.random = random;
        this.history = history;
    }

    /** How all keys of sessions begin. */
    static String keys(Plan plan) {
        return plan.prefix() + "s/";
    }

    /** Works until it is told to stop, and leaves its last session to die. */
    void work(BooleanSupplier stopped) throws InterruptedException {
        while (!stopped.getAsBoolean()) {
            new Turn(keys(plan) + number + "/" + sessions++, 1 + random.nextInt(MAX_TTL_SECONDS), stopped).take();
            TimeUnit.MILLISECONDS.sleep(random.nextLong(MAX_PAUSE_MS));
        }
    }

    /** One session. */
    private final class Turn {
        private final String key;
        private final int ttl;
        private final BooleanSupplier stopped;
        private String id;
        private boolean gone;

        private Turn(String key, int ttl, BooleanSupplier stopped) {
            this.key = key;
            this.ttl = ttl;
            this.stopped = stopped;
        }

        private void take() throws InterruptedException {
            begin();
            if (id == null || !insist(What.TAKE)) {
                return;
            }
            int renewals = random.nextInt(MAX_RENEWALS + 1);
            while (renewals-- > 0 && isOn()) {
                restBeforeRenewal();
                insist(What.RENEW);
            }
            if (random.nextInt(4) == 0 && isOn()) {
                insist(What.END);
            }
            while (isOn()) {
                TimeUnit.MILLISECONDS.sleep(random.nextLong(MAX_PAUSE_MS));
                act(What.LOOK);
            }
        }

        private boolean isOn() {
            return !gone && !stopped.getAsBoolean();
        }

        /** Mostly as clients do, and now and then so late that it may be over. */
        private void restBeforeRenewal() throws InterruptedException {
            double part = random.nextInt(3) == 0 ? 0.8 + 0.3 * random.nextDouble() : 0.1 + 0.4 * random.nextDouble();
            long until = System.nanoTime() + (long) (ttl * 1e9 * part);
            while (isOn() && System.nanoTime() - until < 0) {
                if (random.nextInt(4) == 0) {
                    act(What.LOOK);
                }
                long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
                TimeUnit.MILLISECONDS.sleep(Math.max(1, Math.min(left, random.nextLong(1, 2 * MAX_PAUSE_MS))));
            }
        }

        private void begin() throws InterruptedException {
            String body = "{\"ttl\": " + ttl + ", \"name\": \"holder-" + number + "\"}";
            long start = System.nanoTime();
            Exchange exchange = asker.exchange("POST", plan.anyNode(random) + "/session", body, null);
            if (exchange.outcome() == Outcome.DONE) {
                id = exchange.data().path("id").asText(null);
            }
            add(What.BEGIN, start, exchange.outcome());
        }

        /** Asks again and again until it is done, or the session has ended; whether it was done. */
        private boolean insist(What what) throws InterruptedException {
            for (int attempt = 0; attempt < ATTEMPTS && isOn(); attempt++) {
                if (act(what) == Outcome.DONE) {
                    return !gone;
                }
                TimeUnit.MILLISECONDS.sleep(BACK_OFF_MS);
            }
            return false;
        }

        private Outcome act(What what) throws InterruptedException {
            long start = System.nanoTime();
            Exchange exchange = switch (what) {
                case TAKE ->
                    asker.exchange(
                            "PUT", plan.anyNode(random) + "/store/" + key + "?session=" + id, "\"" + id + "\"", null);
                case RENEW -> asker.exchange("PUT", plan.anyNode(random) + "/session/" + id, null, null);
                case END -> asker.exchange("DELETE", plan.anyNode(random) + "/session/" + id, null, null);
                default ->
                    asker.exchange(
                            "GET", plan.anyNode(random) + "/store/" + key + "?consistency=linearizable", null, null);
            };
            gone = isGone(what, exchange);
            add(what, start, exchange.outcome());
            return exchange.outcome();
        }

        private boolean isGone(What what, Exchange exchange) {
            if (!exchange.isByNode()) {
                return false;
            }
            return switch (what) {
                case TAKE -> exchange.status() == 409;
                case RENEW -> exchange.status() == 404;
                case END -> exchange.status() == 200;
                default ->
                    exchange.status() == 404
                            || exchange.status() == 200
                                    && !id.equals(
                                            exchange.data().path("session").asText());
            };
        }

        private void add(What what, long start, Outcome outcome) {
            history.add(new Holding(number, what, id, ttl, key, start, System.nanoTime(), outcome, gone));
        }
    }
}
