package dev.raftkv.lab.work;

import dev.raftkv.lab.history.History;
import dev.raftkv.lab.history.Holding;
import dev.raftkv.lab.history.Level;
import dev.raftkv.lab.history.Operation;
import dev.raftkv.lab.history.Outcome;
import dev.raftkv.lab.history.Request;
import dev.raftkv.lab.history.Watcher;
import dev.raftkv.testkit.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Clients and watchers at work. */
public final class Workload implements AutoCloseable {
    private static final Duration BEGIN_LIMIT = Duration.ofSeconds(60);
    private static final Duration END_LIMIT = Duration.ofSeconds(60);

    private final Plan plan;
    private final History history = new History();
    private final Keyspace keys;
    private final Asker asker;
    private final Crew clients = new Crew("work");
    private final Crew watching = new Crew("work");
    private final Crew watchdog = new Crew("work");
    private final List<WatchClient> watchers = new ArrayList<>();

    public Workload(Plan plan) {
        this.plan = plan;
        this.keys = new Keyspace(plan);
        this.asker = new Asker(plan.access(), plan.deadline());
    }

    /**
     * Lets all clients and watchers begin.
     *
     * @throws AssertionError if no node answers in time
     */
    public void start() {
        long from = currentRevision();
        for (int number = 0; number < plan.watchers(); number++) {
            Watcher watcher = watcher(number);
            history.add(watcher);
            WatchClient client = new WatchClient(asker.http(), watcher, plan, random(1000 + number), history, from);
            watchers.add(client);
            watching.add("watcher-" + number, client::work);
        }
        String run = "run" + plan.seed() + "-" + Long.toString(System.nanoTime(), 36);
        for (int number = 0; number < plan.clients(); number++) {
            Choice choice = new Choice(number, random(2000 + number), keys, run);
            Client client = new Client(number, plan, asker, random(number), history, keys);
            clients.add("client-" + number, stopped -> client.work(choice, stopped));
        }
        for (int number = 0; number < plan.counterClients(); number++) {
            CounterClient client = new CounterClient(number, plan, asker, random(4000 + number), history, run);
            clients.add("counter-" + number, client::work);
        }
        for (int number = 0; number < plan.holders(); number++) {
            SessionHolder holder = new SessionHolder(number, plan, asker, random(5000 + number), history);
            clients.add("holder-" + number, holder::work);
        }
        Map<String, Long> registers = new ConcurrentHashMap<>();
        for (int number = 0; number < plan.contenders(); number++) {
            LockClient client = new LockClient(number, plan, asker, random(6000 + number), history, registers);
            clients.add("contender-" + number, client::work);
        }
        watching.start();
        watchdog.add("watchdog", stopped -> lookAfterWatchers());
        watchdog.start();
        clients.start();
    }

    private void lookAfterWatchers() throws InterruptedException {
        while (watching.isAtWork()) {
            watchers.forEach(watcher -> watcher.look(watching.isStopped()));
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    /** The first two see all that changes; the others a place of keys each, the keys that expire, and one quiet key. */
    private Watcher watcher(int number) {
        if (number < 2) {
            return new Watcher(number, false, "");
        }
        return switch (number % 3) {
            case 0 -> new Watcher(number, true, keys.quiet());
            case 1 -> new Watcher(number, false, keys.mortals());
            default -> new Watcher(number, false, keys.slot(number));
        };
    }

    private Random random(int number) {
        return new Random(plan.seed() * 1_000_003 + number);
    }

    private long currentRevision() {
        Request read = Request.read(plan.prefix() + "start", Level.LINEARIZABLE);
        return Eventually.eventually(BEGIN_LIMIT, () -> {
            Asker.Attempt attempt = asker.ask(read, plan.nodes().get(0), null);
            if (attempt.outcome() != Outcome.DONE) {
                throw new AssertionError("the first node does not serve: " + attempt);
            }
            return attempt.answer().storeRevision();
        });
    }

    /** How many operations have ended so far, by their outcome, for who wants to see the work go on. */
    public Progress progress() {
        return new Progress(
                history.count(Outcome.DONE), history.count(Outcome.REFUSED), history.count(Outcome.UNKNOWN));
    }

    /** How many operations ended in each way. */
    public record Progress(long done, long refused, long unknown) {}

    /**
     * Lets all clients end what they do, and the watchers see the last change if they can; to be called when the network is
     * whole again. Bounded in time.
     *
     * @return all that was done and seen
     */
    public History stop() throws InterruptedException {
        clients.stop();
        Client last = new Client(plan.clients(), plan, asker, random(3000), history, keys);
        awaitNothingMortal();
        Map<String, Long> ends = new LinkedHashMap<>();
        for (String key : lastKeys()) {
            storeTheEnd(key, last).ifPresent(revision -> ends.put(key, revision));
        }
        for (WatchClient watcher : watchers) {
            awaitEnd(watcher, ends);
        }
        close();
        return history;
    }

    /** What expires then changes nothing after the end; if it does not, the checkers will tell. */
    private void awaitNothingMortal() {
        try {
            Listings.awaitNone(plan.access(), plan.nodes().get(0), keys.mortals(), END_LIMIT);
        } catch (AssertionError e) {
            // Told with the stores, and with how late keys expire.
        }
        Listings.awaitNoSessions(plan.access(), plan.nodes().get(0), END_LIMIT).forEach(this::addLeft);
    }

    private void addLeft(String session) {
        long now = System.nanoTime();
        history.add(new Holding(-1, Holding.What.LEFT, session, 0, null, now, now, Outcome.DONE, false));
    }

    /** A key for each watcher that it sees, the last of them one that only the first two see. */
    private List<String> lastKeys() {
        List<String> last = new ArrayList<>();
        for (WatchClient client : watchers) {
            Watcher watcher = client.watcher();
            if (!watcher.text().isEmpty()) {
                last.add(watcher.exact() ? watcher.text() : watcher.text() + "end");
            }
        }
        last.add(plan.prefix() + "end");
        return last;
    }

    private Optional<Long> storeTheEnd(String key, Client client) throws InterruptedException {
        long limit = System.nanoTime() + END_LIMIT.toNanos();
        do {
            Operation put = client.carryOut(Request.put(key, "end-" + Long.toString(System.nanoTime(), 36)));
            if (put.isDone()) {
                return Optional.of(put.answer().storeRevision());
            }
        } while (System.nanoTime() - limit < 0);
        return Optional.empty();
    }

    /** If it does not come, the checkers will tell. */
    private static void awaitEnd(WatchClient client, Map<String, Long> ends) throws InterruptedException {
        long end = ends.entrySet().stream()
                .filter(key -> client.watcher().covers(key.getKey()))
                .mapToLong(Map.Entry::getValue)
                .max()
                .orElse(0);
        long limit = System.nanoTime() + END_LIMIT.toNanos();
        while (client.reached() < end && System.nanoTime() - limit < 0) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** What was done and seen so far. */
    public History history() {
        return history;
    }

    /** Ends all at once. */
    @Override
    public void close() {
        Crew.end(watching, clients);
    }
}
