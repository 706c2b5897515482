package dev.raftkv.lab.work;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.lab.history.History;
import dev.raftkv.lab.history.Holding;
import dev.raftkv.lab.history.Leading;
import dev.raftkv.lab.history.Locking;
import dev.raftkv.lab.history.Outcome;
import dev.raftkv.lab.work.Asker.Exchange;
import dev.raftkv.lab.work.ConsulPort.Told;
import dev.raftkv.testkit.Eventually;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Clients of Consul at work with sessions and locks, and who looks at all sessions, and at who leads. */
public final class ConsulWork implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration LOOK_LIMIT = Duration.ofSeconds(1);
    private static final long LOOK_PAUSE_MS = 80;
    private static final long LEADER_PAUSE_MS = 40;

    private final Plan plan;
    private final Asker asker;
    private final History history = new History();
    private final Map<String, Holding> open = new ConcurrentHashMap<>();
    private final Map<Long, Leading> leaders = new ConcurrentHashMap<>();
    private final Crew clients = new Crew("consul");
    private final Crew lookers = new Crew("consul");
    private volatile boolean nothingLeft;

    /** @param plan of which holders, contenders, nodes, keys and deadline count */
    public ConsulWork(Plan plan) {
        this.plan = plan;
        this.asker = new Asker(plan.access(), plan.deadline());
    }

    /** Lets all begin, when the nodes serve clients of Consul. */
    public void start() {
        ConsulPort first = port(0);
        Eventually.eventually(LIMIT, () -> {
            Told told = first.entry(plan.prefix() + "start");
            if (told.status() != 404) {
                throw new AssertionError("clients of Consul are not served: " + told);
            }
        });
        for (int number = 0; number < plan.holders(); number++) {
            ConsulHolder holder = new ConsulHolder(
                    number, plan.prefix() + "s/", port(100 + number), random(200 + number), history, open);
            clients.add("holder-" + number, holder::work);
        }
        Map<String, Long> registers = new ConcurrentHashMap<>();
        String locks = plan.prefix() + "lock/";
        for (int number = 0; number < plan.contenders(); number++) {
            ConsulContender contender =
                    new ConsulContender(number, locks, port(300 + number), random(400 + number), history, registers);
            clients.add("contender-" + number, contender::work);
        }
        for (int node = 0; node < plan.nodes().size(); node++) {
            int number = node;
            lookers.add("leader-" + node, stopped -> lookWhoLeads(number, stopped));
        }
        lookers.add("sessions", this::lookAtSessions);
        lookers.start();
        clients.start();
    }

    private Random random(int number) {
        return new Random(plan.seed() * 1_000_003 + number);
    }

    private ConsulPort port(int number) {
        return new ConsulPort(plan, asker, random(number));
    }

    private void lookWhoLeads(int node, BooleanSupplier stopped) throws InterruptedException {
        Asker impatient = new Asker(plan.access(), LOOK_LIMIT);
        while (!stopped.getAsBoolean()) {
            Exchange stats = impatient.exchange("GET", plan.nodes().get(node) + "/raft/stats", null, null);
            if (stats.outcome() == Outcome.DONE
                    && stats.data().path("state").asText().equals("Leader")) {
                long term = stats.data().path("term").asLong();
                Leading leading = new Leading(node, term, System.nanoTime());
                if (leaders.putIfAbsent(term, leading) == null) {
                    history.add(leading);
                }
            }
            TimeUnit.MILLISECONDS.sleep(LEADER_PAUSE_MS);
        }
    }

    private void lookAtSessions(BooleanSupplier stopped) throws InterruptedException {
        ConsulPort port = port(1);
        while (!stopped.getAsBoolean()) {
            Map<String, Holding> begun = Map.copyOf(open);
            long start = System.nanoTime();
            Told told = port.sessions();
            if (told.isDone()) {
                Set<String> there = new HashSet<>();
                for (JsonNode session : told.body()) {
                    there.add(session.path("ID").asText());
                }
                begun.values().forEach(each -> addLook(each, start, there.contains(each.session())));
                nothingLeft = there.isEmpty();
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_PAUSE_MS);
        }
    }

    private void addLook(Holding begun, long start, boolean lives) {
        if (!lives) {
            open.remove(begun.session());
        }
        add(begun, Holding.What.LOOK, start, lives);
    }

    private void add(Holding begun, Holding.What what, long start, boolean lives) {
        history.add(new Holding(
                begun.holder(),
                what,
                begun.session(),
                begun.ttlSeconds(),
                null,
                start,
                System.nanoTime(),
                lives ? Outcome.DONE : Outcome.REFUSED,
                !lives));
    }

    /** Who leads now, in the latest term in which anybody was seen to lead. */
    public Leading leader() {
        return leaders.values().stream()
                .max((one, other) -> Long.compare(one.term(), other.term()))
                .orElseThrow();
    }

    /**
     * Waits until somebody leads in a later term.
     *
     * @throws AssertionError if nobody does in time
     */
    public Leading awaitLeaderAfter(long term) {
        return Eventually.eventually(LIMIT, () -> {
            Leading leader = leader();
            if (leader.term() <= term) {
                throw new AssertionError("nobody leads after term " + term);
            }
            return leader;
        });
    }

    /**
     * Waits until so many locks more have been got.
     *
     * @throws AssertionError if they are not in time
     */
    public void awaitHolds(int more) {
        long goal = holds() + more;
        Eventually.eventually(LIMIT, () -> {
            if (holds() < goal) {
                throw new AssertionError(holds() + " holds, not " + goal);
            }
        });
    }

    private long holds() {
        return history.lockings().stream()
                .filter(each -> each.what() == Locking.What.TAKE && each.isDone())
                .count();
    }

    /**
     * Lets all clients end what they do, and waits until there are no sessions; to be called when all nodes run. Bounded in
     * time.
     *
     * @return all that was done and seen
     */
    public History stop() throws InterruptedException {
        clients.stop();
        nothingLeft = false;
        long limit = System.nanoTime() + LIMIT.toNanos();
        while (!nothingLeft && System.nanoTime() - limit < 0) {
            TimeUnit.MILLISECONDS.sleep(LOOK_PAUSE_MS);
        }
        if (!nothingLeft) {
            Holding unknown =
                    new Holding(-1, Holding.What.BEGIN, "that nobody was told of", 0, null, 0, 0, Outcome.DONE, false);
            add(open.values().stream().findAny().orElse(unknown), Holding.What.LEFT, System.nanoTime(), true);
        }
        close();
        return history;
    }

    /** Ends all at once. */
    @Override
    public void close() {
        Crew.end(lookers, clients);
    }
}
