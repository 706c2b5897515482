package dev.raftkv.lab.work;

import dev.raftkv.lab.history.History;
import dev.raftkv.lab.history.Holding;
import dev.raftkv.lab.history.Holding.What;
import dev.raftkv.lab.work.ConsulPort.Told;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Begins one session after the other as clients of Consul do, gives a key to it, renews it for a while, often at the last moment,
 * and then ends it or leaves it to die. Somebody else looks how long it lives, and what is left of its key.
 */
final class ConsulHolder {
    private static final int MAX_RENEWALS = 5;
    private static final long MAX_PAUSE_MS = 200;

    private final int number;
    private final String keys;
    private final ConsulPort port;
    private final Random random;
    private final History history;
    private final Map<String, Holding> open;

    /**
     * @param keys how those of all sessions begin
     * @param open the sessions that have begun, and have not been seen to have ended: for who looks at them
     */
    ConsulHolder(int number, String keys, ConsulPort port, Random random, History history, Map<String, Holding> open) {
        this.number = number;
        this.keys = keys;
        this.port = port;
        this.random = random;
        this.history = history;
        this.open = open;
    }

    /** Works until it is told to stop, and leaves its last session to die. */
    void work(BooleanSupplier stopped) throws InterruptedException {
        while (!stopped.getAsBoolean()) {
            hold(2 + random.nextInt(3), stopped);
            TimeUnit.MILLISECONDS.sleep(random.nextLong(MAX_PAUSE_MS));
        }
    }

    private void hold(int life, BooleanSupplier stopped) throws InterruptedException {
        long start = System.nanoTime();
        String behavior = random.nextBoolean() ? "release" : "delete";
        Told begun = port.begin("holder-" + number, behavior, life, 0);
        String id = begun.isDone() ? begun.body().path("ID").asText(null) : null;
        Holding first = add(What.BEGIN, id, life, start, begun);
        if (id == null) {
            return;
        }
        open.put(id, first);
        port.key(keys + behavior + "/" + id, "acquire", id);
        // A third is left alone from the beginning.
        int renewals = Math.max(0, random.nextInt(MAX_RENEWALS * 3 / 2) - MAX_RENEWALS / 2);
        boolean lives = true;
        for (int i = 0; i < renewals && lives && !stopped.getAsBoolean(); i++) {
            restBeforeRenewal(life, stopped);
            long asked = System.nanoTime();
            Told told = port.renew(id);
            lives = told.status() != 404;
            add(What.RENEW, id, life, asked, told);
        }
        if (renewals > 0 && random.nextInt(4) == 0) {
            long asked = System.nanoTime();
            add(What.END, id, life, asked, port.end(id));
        }
    }

    /** Mostly as clients do, and now and then so late that it may be over. */
    private void restBeforeRenewal(int life, BooleanSupplier stopped) throws InterruptedException {
        double part = random.nextInt(3) == 0 ? 0.8 + 0.3 * random.nextDouble() : 0.1 + 0.4 * random.nextDouble();
        long until = System.nanoTime() + (long) (life * 1e9 * part);
        while (!stopped.getAsBoolean() && System.nanoTime() - until < 0) {
            long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            TimeUnit.MILLISECONDS.sleep(Math.max(1, Math.min(left, MAX_PAUSE_MS)));
        }
    }

    private Holding add(What what, String id, int life, long start, Told told) {
        boolean gone = what == What.RENEW && told.status() == 404;
        Holding holding = new Holding(number, what, id, life, null, start, System.nanoTime(), told.outcome(), gone);
        history.add(holding);
        return holding;
    }
}
