package dev.raftkv.lab.work;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.raftkv.lab.history.Answer;
import dev.raftkv.lab.history.Counting;
import dev.raftkv.lab.history.History;
import dev.raftkv.lab.history.Outcome;
import dev.raftkv.lab.work.Asker.Exchange;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Adds to counters that others add to at the same time, and reads them. It has two lanes: in one it adds without a name, and
 * sends that again only if certainly nothing was changed; in the other each add has a name, and is sent until it is answered.
 */
final class CounterClient {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int COUNTERS = 3;
    private static final int ATTEMPTS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long BACK_OFF_MS = 30;
    private static final long MAX_PAUSE_MS = 80;

    private final int number;
    private final Plan plan;
    private final Asker asker;
    private final Random random;
    private final History history;
    private final String run;
    private int names;

    /** @param run makes the names of requests those of this run */
    CounterClient(int number, Plan plan, Asker asker, Random random, History history, String run) {
        this.number = number;
        this.plan = plan;
        this.asker = asker;
        this.random = random;
        this.history = history;
        this.run = run;
    }

    /** Works until it is told to stop, and ends what it has begun. */
    void work(BooleanSupplier stopped) throws InterruptedException {
        while (!stopped.getAsBoolean()) {
            String key = plan.prefix() + "count/" + random.nextInt(COUNTERS);
            switch (random.nextInt(3)) {
                case 0 -> read(key);
                case 1 -> add(key, 2 * number, null);
                default -> add(key, 2 * number + 1, run + "-count-" + number + "-" + names++);
            }
            TimeUnit.MILLISECONDS.sleep(random.nextLong(MAX_PAUSE_MS));
        }
    }

    private void read(String key) throws InterruptedException {
        long start = System.nanoTime();
        String target = "/store/" + key + "?consistency=linearizable";
        Exchange exchange = asker.exchange("GET", plan.anyNode(random) + target, null, null);
        long end = System.nanoTime();
        if (exchange.status() == 404 && exchange.isByNode()) {
            history.add(
                    new Counting(number, key, Counting.READ, false, 1, start, end, Outcome.DONE, BigInteger.ZERO, 0));
        } else {
            add(key, Counting.READ, false, 1, start, exchange.outcome(), exchange);
        }
    }

    private void add(String key, int lane, String name) throws InterruptedException {
        String target = "/store/" + key + "?add=" + Counting.unit(lane);
        long start = System.nanoTime();
        boolean mayHaveHappened = false;
        int attempts = 0;
        Exchange exchange;
        do {
            if (attempts++ > 0) {
                TimeUnit.MILLISECONDS.sleep(BACK_OFF_MS);
            }
            exchange = asker.exchange("POST", plan.anyNode(random) + target, null, name);
            mayHaveHappened |= exchange.outcome() == Outcome.UNKNOWN;
        } while (exchange.outcome() != Outcome.DONE
                && (name == null
                        ? !mayHaveHappened && attempts < ATTEMPTS
                        : System.nanoTime() - start < PATIENCE.toNanos()));
        Outcome outcome =
                exchange.outcome() == Outcome.REFUSED && mayHaveHappened ? Outcome.UNKNOWN : exchange.outcome();
        add(key, lane, name != null, attempts, start, outcome, exchange);
        if (name != null && outcome == Outcome.DONE && random.nextInt(4) == 0) {
            // Once more under the same name, which is to change nothing; what the answer says is the first one's.
            asker.exchange("POST", plan.anyNode(random) + target, null, name);
        }
    }

    private void add(
            String key, int lane, boolean named, int attempts, long start, Outcome outcome, Exchange exchange) {
        BigInteger sum = null;
        Outcome known = outcome;
        if (outcome == Outcome.DONE) {
            try {
                sum = JSON.readTree(exchange.response().body())
                        .path("data")
                        .path("value")
                        .bigIntegerValue();
            } catch (IOException e) {
                known = Outcome.UNKNOWN;
            }
        }
        history.add(new Counting(
                number, key, lane, named, attempts, start, System.nanoTime(), known, sum, revision(exchange)));
    }

    private static long revision(Exchange exchange) {
        return exchange.status() != 200
                ? Answer.UNTOLD
                : exchange.response()
                        .headers()
                        .firstValue("ETag")
                        .map(text -> Long.parseLong(text.replaceAll("[^0-9]", "")))
                        .orElse(Answer.UNTOLD);
    }
}
