package dev.raftkv.lab.work;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.raftkv.lab.history.Answer;
import dev.raftkv.lab.history.History;
import dev.raftkv.lab.history.Locking;
import dev.raftkv.lab.history.Locking.What;
import dev.raftkv.lab.history.Outcome;
import dev.raftkv.lab.work.Asker.Exchange;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Wants locks that others want, too. While it has one it writes to what the lock protects, renews its session, and lets go; or it
 * stands still until its session is over, and then writes once more, as one does who has slept.
 */
final class LockClient {
    private static final int LOCKS = 2;
    private static final int MAX_TTL_SECONDS = 3;
    private static final int MAX_WRITES = 6;
    private static final int ATTEMPTS = 40;
    private static final long MAX_PAUSE_MS = 120;

    private final int number;
    private final Plan plan;
    private final Asker asker;
    private final Random random;
    private final History history;
    private final Map<String, Long> registers;

    /** @param registers what the locks protect: the greatest token that each has seen, shared by all contenders */
    LockClient(int number, Plan plan, Asker asker, Random random, History history, Map<String, Long> registers) {
        this.number = number;
        this.plan = plan;
        this.asker = asker;
        this.random = random;
        this.history = history;
        this.registers = registers;
    }

    /** How the keys of all locks begin. */
    static String keys(Plan plan) {
        return plan.prefix() + "lock/";
    }

    /** Works until it is told to stop. */
    void work(BooleanSupplier stopped) throws InterruptedException {
        while (!stopped.getAsBoolean()) {
            new Turn(keys(plan) + random.nextInt(LOCKS), 1 + random.nextInt(MAX_TTL_SECONDS), stopped).take();
            TimeUnit.MILLISECONDS.sleep(random.nextLong(MAX_PAUSE_MS));
        }
    }

    /** One session, and one hold at most. */
    private final class Turn {
        private final String lock;
        private final int ttl;
        private final BooleanSupplier stopped;
        private String id;
        private boolean over;
        private long token = Answer.UNTOLD;
        private long renewed;

        private Turn(String lock, int ttl, BooleanSupplier stopped) {
            this.lock = lock;
            this.ttl = ttl;
            this.stopped = stopped;
        }

        private void take() throws InterruptedException {
            begin();
            if (id == null || !acquire()) {
                return;
            }
            for (int writes = random.nextInt(MAX_WRITES); writes >= 0 && isOn(); writes--) {
                write();
                if (random.nextInt(3) == 0) {
                    act(What.SEE);
                }
                rest();
            }
            switch (random.nextInt(5)) {
                case 0 -> sleepTooLong();
                case 1 -> insist(What.END);
                default -> insist(What.RELEASE);
            }
        }

        private boolean isOn() {
            return !over && !stopped.getAsBoolean();
        }

        /** A renewal each third of its time keeps a session. */
        private void rest() throws InterruptedException {
            TimeUnit.MILLISECONDS.sleep(random.nextLong(MAX_PAUSE_MS));
            if (System.nanoTime() - renewed > ttl * 1_000_000_000L / 3) {
                act(What.RENEW);
            }
        }

        private void sleepTooLong() throws InterruptedException {
            TimeUnit.MILLISECONDS.sleep(ttl * 1000L + random.nextLong(3_000));
            write();
        }

        private void begin() throws InterruptedException {
            String body = "{\"ttl\": " + ttl + ", \"name\": \"contender-" + number + "\"}";
            long start = System.nanoTime();
            Exchange exchange = asker.exchange("POST", plan.anyNode(random) + "/session", body, null);
            if (exchange.outcome() == Outcome.DONE) {
                id = exchange.data().path("id").asText(null);
                renewed = start;
            }
            add(What.BEGIN, start, exchange.outcome(), Answer.UNTOLD, null);
        }

        private boolean acquire() throws InterruptedException {
            for (int attempt = 0; attempt < ATTEMPTS && isOn(); attempt++) {
                act(What.TAKE);
                if (token != Answer.UNTOLD) {
                    return true;
                }
                rest();
            }
            return false;
        }

        private void insist(What what) throws InterruptedException {
            for (int attempt = 0; attempt < ATTEMPTS && isOn(); attempt++) {
                if (act(what) == Outcome.DONE) {
                    return;
                }
                rest();
            }
        }

        private Outcome act(What what) throws InterruptedException {
            String key = plan.anyNode(random) + "/store/" + lock;
            long start = System.nanoTime();
            Exchange exchange = switch (what) {
                case TAKE -> asker.exchange("PUT", key + "?session=" + id + patience(), "\"" + id + "\"", null);
                case RELEASE -> asker.exchange("DELETE", key + "?session=" + id, null, null);
                case RENEW -> asker.exchange("PUT", plan.anyNode(random) + "/session/" + id, null, null);
                case END -> asker.exchange("DELETE", plan.anyNode(random) + "/session/" + id, null, null);
                default -> asker.exchange("GET", key + "?consistency=linearizable", null, null);
            };
            JsonNode data = exchange.outcome() == Outcome.DONE ? exchange.data() : MissingNode.getInstance();
            long told = data.path("token").asLong(Answer.UNTOLD);
            if (exchange.outcome() == Outcome.DONE) {
                token = what == What.TAKE ? told : token;
                renewed = what == What.RENEW ? start : renewed;
            }
            over = what == What.RENEW && exchange.isByNode() && exchange.status() == 404;
            boolean sawNothing = what == What.SEE && exchange.isByNode() && exchange.status() == 404;
            add(
                    what,
                    start,
                    sawNothing ? Outcome.DONE : exchange.outcome(),
                    told,
                    data.path("session").asText(null));
            return exchange.outcome();
        }

        /** Some stand in line for a while, the others are told at once that they cannot have it. */
        private String patience() {
            return random.nextInt(3) == 0 ? "&wait=1" : "";
        }

        /** Whoever is protected takes a write, or refuses it, at one moment. */
        private void write() {
            long start = System.nanoTime();
            long greatest = registers.merge(lock, token, Math::max);
            add(What.WRITE, start, greatest == token ? Outcome.DONE : Outcome.REFUSED, token, null);
        }

        private void add(What what, long start, Outcome outcome, long told, String owner) {
            history.add(new Locking(number, what, lock, id, ttl, start, System.nanoTime(), outcome, told, owner));
        }
    }
}
