package dev.raftkv.lab.work;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.lab.history.Answer;
import dev.raftkv.lab.history.History;
import dev.raftkv.lab.history.Locking;
import dev.raftkv.lab.history.Locking.What;
import dev.raftkv.lab.history.Outcome;
import dev.raftkv.lab.work.ConsulPort.Told;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Wants locks that others want, too, as clients of Consul do: its token is the lock's {@code LockIndex}. While it has one it writes
 * to what the lock protects, renews its session, and lets go; or it stands still until its session is over, and then writes once
 * more, as one does who has slept.
 */
final class ConsulContender {
    private static final int LOCKS = 3;
    private static final int MAX_WRITES = 5;
    private static final int ATTEMPTS = 30;
    private static final long MAX_PAUSE_MS = 120;
    private static final long MAX_DELAY_MS = 1_200;

    private final int number;
    private final String keys;
    private final ConsulPort port;
    private final Random random;
    private final History history;
    private final Map<String, Long> registers;

    /**
     * @param keys how those of all locks begin
     * @param registers what the locks protect: the greatest token that each has seen, shared by all contenders
     */
    ConsulContender(
            int number, String keys, ConsulPort port, Random random, History history, Map<String, Long> registers) {
        this.number = number;
        this.keys = keys;
        this.port = port;
        this.random = random;
        this.history = history;
        this.registers = registers;
    }

    /** Works until it is told to stop. */
    void work(BooleanSupplier stopped) throws InterruptedException {
        while (!stopped.getAsBoolean()) {
            new Turn(keys + random.nextInt(LOCKS), 2 + random.nextInt(3), stopped).take();
            TimeUnit.MILLISECONDS.sleep(random.nextLong(MAX_PAUSE_MS));
        }
    }

    /** One session, and one hold at most. */
    private final class Turn {
        private final String lock;
        private final int life;
        private final long delay = random.nextBoolean() ? 0 : random.nextLong(MAX_DELAY_MS);
        private final BooleanSupplier stopped;
        private String id;
        private boolean over;
        private long token = Answer.UNTOLD;
        private long renewed;

        private Turn(String lock, int life, BooleanSupplier stopped) {
            this.lock = lock;
            this.life = life;
            this.stopped = stopped;
        }

        private void take() throws InterruptedException {
            begin();
            if (id == null || !acquire()) {
                return;
            }
            for (int writes = random.nextInt(MAX_WRITES); writes >= 0 && isOn(); writes--) {
                write();
                store();
                if (random.nextInt(3) == 0) {
                    see();
                }
                rest();
            }
            switch (random.nextInt(5)) {
                case 0 -> sleepTooLong();
                case 1 -> insistToEnd();
                default -> insistToRelease();
            }
        }

        private boolean isOn() {
            return !over && !stopped.getAsBoolean();
        }

        /** A renewal each quarter of its time keeps a session. */
        private void rest() throws InterruptedException {
            TimeUnit.MILLISECONDS.sleep(random.nextLong(MAX_PAUSE_MS));
            if (System.nanoTime() - renewed > life * 250_000_000L) {
                long start = System.nanoTime();
                Told told = port.renew(id);
                renewed = told.isDone() ? start : renewed;
                over = told.status() == 404;
                add(What.RENEW, start, told.outcome());
            }
        }

        private void sleepTooLong() throws InterruptedException {
            TimeUnit.MILLISECONDS.sleep(life * 1000L + random.nextLong(2_000));
            write();
            store();
        }

        private void begin() throws InterruptedException {
            long start = System.nanoTime();
            Told begun = port.begin("contender-" + number, "release", life, delay);
            id = begun.isDone() ? begun.body().path("ID").asText(null) : null;
            renewed = start;
            add(What.BEGIN, start, begun.outcome());
        }

        private boolean acquire() throws InterruptedException {
            for (int attempt = 0; attempt < ATTEMPTS && isOn(); attempt++) {
                long start = System.nanoTime();
                Outcome outcome = random.nextBoolean() ? takeByKey() : takeByTransaction();
                add(What.TAKE, start, outcome, token, null, Answer.UNTOLD);
                if (token != Answer.UNTOLD) {
                    return true;
                }
                rest();
            }
            return false;
        }

        /** The answer tells no token: who has got it reads it, and has it only if that can be done. */
        private Outcome takeByKey() throws InterruptedException {
            Told taken = port.key(lock, "acquire", id);
            if (!taken.isDone()) {
                return taken.outcome();
            }
            JsonNode entry = port.entry(lock).body().path(0);
            if (!entry.path("Session").asText().equals(id)) {
                return Outcome.UNKNOWN;
            }
            token = entry.path("LockIndex").asLong(Answer.UNTOLD);
            return Outcome.DONE;
        }

        private Outcome takeByTransaction() throws InterruptedException {
            Told taken = port.txn(new String[] {"lock", lock, id, "of " + id});
            if (taken.isDone()) {
                token = result(taken, 0).path("LockIndex").asLong(Answer.UNTOLD);
            }
            return taken.outcome();
        }

        private static JsonNode result(Told told, int place) {
            return told.body().path("Results").path(place).path("KV");
        }

        private void insistToRelease() throws InterruptedException {
            boolean known = false;
            for (int attempt = 0; attempt < ATTEMPTS && isOn() && !known; attempt++) {
                long start = System.nanoTime();
                Told told = random.nextBoolean()
                        ? port.key(lock, "release", id)
                        : port.txn(new String[] {"unlock", lock, id, "of nobody"});
                add(What.RELEASE, start, told.outcome());
                // Refused is what has been done by an attempt before, too.
                known = told.isDone() || told.outcome() == Outcome.REFUSED && told.status() != 0;
                rest();
            }
        }

        private void insistToEnd() throws InterruptedException {
            boolean known = false;
            for (int attempt = 0; attempt < ATTEMPTS && isOn() && !known; attempt++) {
                long start = System.nanoTime();
                Told told = port.end(id);
                add(What.END, start, told.outcome());
                known = told.isDone();
                rest();
            }
        }

        private void see() throws InterruptedException {
            long start = System.nanoTime();
            Told told = port.entry(lock);
            String owner = told.body().path(0).path("Session").asText(null);
            long shown = owner == null
                    ? Answer.UNTOLD
                    : told.body().path(0).path("LockIndex").asLong();
            add(What.SEE, start, told.outcome(), shown, owner, Answer.UNTOLD);
        }

        /** Whoever is protected takes a write, or refuses it, at one moment. */
        private void write() {
            long start = System.nanoTime();
            long greatest = registers.merge(lock, token, Math::max);
            Outcome outcome = greatest == token ? Outcome.DONE : Outcome.REFUSED;
            add(What.WRITE, start, outcome, token, null, Answer.UNTOLD);
        }

        private void store() throws InterruptedException {
            long start = System.nanoTime();
            Told told = port.txn(
                    new String[] {"check-session", lock, id, ""},
                    new String[] {"set", lock + "/register", "", token + " " + id + " " + start});
            // Only what the transaction itself refuses says something of the lock.
            Outcome outcome =
                    told.outcome() == Outcome.REFUSED && told.status() != 409 ? Outcome.UNKNOWN : told.outcome();
            long revision = told.isDone() ? result(told, 1).path("ModifyIndex").asLong() : Answer.UNTOLD;
            add(What.STORE, start, outcome, token, null, revision);
        }

        private void add(What what, long start, Outcome outcome) {
            add(what, start, outcome, Answer.UNTOLD, null, Answer.UNTOLD);
        }

        private void add(What what, long start, Outcome outcome, long told, String owner, long revision) {
            history.add(new Locking(
                    number, what, lock, id, life, start, System.nanoTime(), outcome, told, owner, delay, revision));
        }
    }
}
