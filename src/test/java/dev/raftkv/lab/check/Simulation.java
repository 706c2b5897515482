package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Answer;
import dev.raftkv.lab.history.History;
import dev.raftkv.lab.history.Level;
import dev.raftkv.lab.history.NodeStore;
import dev.raftkv.lab.history.Operation;
import dev.raftkv.lab.history.Outcome;
import dev.raftkv.lab.history.Request;
import dev.raftkv.lab.history.Sight;
import dev.raftkv.lab.history.Txn;
import dev.raftkv.lab.history.Watcher;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Makes the history of a cluster that is right: one store in the middle, at which each operation takes place at some moment
 * between its start and its end, or if its end is unknown later or never. Two followers are a constant time behind.
 */
final class Simulation {
    private static final long MS = 1_000_000;
    private static final int CLIENTS = 6;
    private static final int KEYS = 4;
    private static final long[] LAG = {0, 3 * MS, 17 * MS};

    private final Random random;
    private final Map<String, NodeStore.Entry> store = new TreeMap<>();
    private final Map<String, Long> deadlines = new TreeMap<>();
    private final List<Sight> changes = new ArrayList<>();
    private final List<Operation> operations = new ArrayList<>();
    /** Up to which moment each node has everything because somebody made it wait for that. */
    private final long[] upTo = new long[LAG.length];

    private long revision;
    private int values;

    private Simulation(long seed) {
        random = new Random(seed);
    }

    /** What came of it. */
    record Result(List<Operation> operations, List<Watcher> watchers, List<Sight> sights, List<NodeStore> stores) {
        History history() {
            History history = new History();
            watchers.forEach(history::add);
            operations.forEach(history::add);
            sights.forEach(history::add);
            return history;
        }

        Report check() {
            return Checks.run(history(), stores);
        }
    }

    /** One operation that is to be. */
    private record Due(int client, long start, long moment, long end, boolean unknown) {}

    static Result run(long seed, int operationsPerClient) {
        Simulation simulation = new Simulation(seed);
        simulation.plan(operationsPerClient).forEach(simulation::take);
        simulation.expireUpTo(Long.MAX_VALUE / 2);
        return simulation.result();
    }

    /** In the order of their moments. */
    private List<Due> plan(int operationsPerClient) {
        List<Due> due = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            long time = random.nextInt(5) * MS;
            for (int i = 0; i < operationsPerClient; i++) {
                long start = time + 1L + random.nextInt((int) (4 * MS));
                long lasts = 1L + random.nextInt((int) (10 * MS));
                boolean unknown = random.nextInt(15) == 0;
                long moment = start + random.nextInt((int) lasts);
                if (unknown) {
                    moment = start + (long) (random.nextDouble() * lasts * 20);
                }
                due.add(new Due(client, start, moment, start + lasts, unknown));
                time = start + lasts;
            }
        }
        due.sort(Comparator.comparingLong(Due::moment));
        return due;
    }

    private void take(Due due) {
        expireUpTo(due.moment);
        String key = "k" + random.nextInt(KEYS);
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> write(due, Request.put(key, value()));
            case 3 -> write(due, Request.put(key, value()).onlyIf(guess(key)));
            case 4 -> write(due, Request.delete(key));
            case 5 -> write(due, Request.put("t" + random.nextInt(3), value()).withTtl(1));
            case 6, 7 -> txn(due, key, "k" + random.nextInt(KEYS));
            case 8, 9 -> {
                int node = random.nextInt(LAG.length);
                upTo[node] = due.moment;
                read(due, Request.read(key, Level.LINEARIZABLE), node, due.moment);
            }
            case 10 -> read(due, Request.read(key, Level.LEADER), 0, due.moment);
            default -> {
                int node = random.nextInt(LAG.length);
                String any = random.nextBoolean() ? key : "t" + random.nextInt(3);
                read(due, Request.read(any, Level.EVENTUAL), node, Math.max(upTo[node], due.moment - LAG[node]));
            }
        }
    }

    private String value() {
        return "v" + values++;
    }

    private long guess(String key) {
        NodeStore.Entry entry = store.get(key);
        if (entry == null || random.nextInt(4) == 0) {
            return random.nextBoolean() ? Request.ABSENT : 1 + random.nextInt((int) revision + 1);
        }
        return entry.changeRevision();
    }

    private boolean happens(Due due) {
        return !due.unknown || random.nextBoolean();
    }

    private void write(Due due, Request request) {
        Request named = random.nextInt(3) == 0 ? request.named("n" + values + "-" + operations.size()) : request;
        NodeStore.Entry before = store.get(request.key());
        long at = before == null ? 0 : before.changeRevision();
        if (request.ifRevision() != Request.ANYTHING && request.ifRevision() != at) {
            add(due, named, Outcome.REFUSED, Answer.of(412, null, at, revision, "node1", null));
            return;
        }
        if (happens(due)) {
            if (request.kind() == Request.Kind.PUT) {
                revision++;
                put(request.key(), request.value(), due.moment, request.ttlSeconds());
            } else if (before != null) {
                revision++;
                remove(request.key(), Sight.What.DELETE, due.moment);
            }
        }
        long tag = request.kind() == Request.Kind.PUT ? revision : Answer.UNTOLD;
        add(due, named, Outcome.DONE, Answer.of(200, null, tag, revision, "node1", null));
    }

    private void txn(Due due, String one, String other) {
        List<Txn.Compare> compares = new ArrayList<>();
        if (random.nextBoolean()) {
            NodeStore.Entry entry = store.get(one);
            compares.add(
                    entry == null || random.nextInt(4) == 0
                            ? Txn.Compare.exists(one, random.nextBoolean())
                            : random.nextBoolean()
                                    ? Txn.Compare.value(one, entry.value())
                                    : Txn.Compare.revision(one, entry.changeRevision()));
        }
        List<Txn.Op> gets = one.equals(other) ? List.of(Txn.Op.get(one)) : List.of(Txn.Op.get(one), Txn.Op.get(other));
        List<Txn.Op> then = new ArrayList<>(List.of(Txn.Op.put(one, value())));
        if (!one.equals(other)) {
            then.add(random.nextInt(4) == 0 ? Txn.Op.delete(other) : Txn.Op.put(other, value()));
        }
        Txn txn = new Txn(compares, random.nextInt(5) == 0 ? gets : then, gets);
        boolean succeeded = compares.stream().allMatch(this::holds);
        List<Txn.Result> results = new ArrayList<>();
        if (happens(due)) {
            List<Txn.Op> ops = succeeded ? txn.then() : txn.otherwise();
            long next = revision + 1;
            for (Txn.Op op : ops) {
                NodeStore.Entry entry = store.get(op.key());
                switch (op.action()) {
                    case GET ->
                        results.add(new Txn.Result(
                                op.action(),
                                op.key(),
                                entry != null,
                                entry == null ? null : entry.value(),
                                entry == null ? 0 : entry.changeRevision()));
                    case PUT -> {
                        revision = next;
                        put(op.key(), op.value(), due.moment, 0);
                        results.add(new Txn.Result(op.action(), op.key(), true, null, revision));
                    }
                    case DELETE -> {
                        if (entry != null) {
                            revision = next;
                            remove(op.key(), Sight.What.DELETE, due.moment);
                        }
                        results.add(new Txn.Result(op.action(), op.key(), entry != null, null, 0));
                    }
                }
            }
        }
        add(due, Request.txn(txn), Outcome.DONE, Answer.ofTxn(succeeded, revision, "node1", results));
    }

    private boolean holds(Txn.Compare compare) {
        NodeStore.Entry entry = store.get(compare.key());
        if (compare.exists() != null) {
            return compare.exists() == (entry != null);
        }
        return entry != null
                && (compare.value() != null
                        ? compare.value().equals(entry.value())
                        : compare.revision() == entry.changeRevision());
    }

    private void put(String key, String value, long time, int ttl) {
        NodeStore.Entry old = store.get(key);
        NodeStore.Entry entry = old == null
                ? new NodeStore.Entry(key, value, revision, revision, 1)
                : new NodeStore.Entry(key, value, old.createRevision(), revision, old.version() + 1);
        store.put(key, entry);
        deadlines.remove(key);
        if (ttl > 0) {
            deadlines.put(key, time + ttl * 1000L * MS + random.nextInt((int) (200 * MS)));
        }
        change(Sight.What.PUT, key, value, entry.createRevision(), entry.version(), time);
    }

    private void remove(String key, Sight.What what, long time) {
        store.remove(key);
        deadlines.remove(key);
        change(what, key, null, 0, 0, time);
    }

    private void change(Sight.What what, String key, String value, long created, long version, long time) {
        changes.add(new Sight(0, 0, what, "", key, value, revision, created, version, time));
    }

    private void expireUpTo(long moment) {
        while (true) {
            Map.Entry<String, Long> next = deadlines.entrySet().stream()
                    .min(Map.Entry.comparingByValue())
                    .filter(entry -> entry.getValue() <= moment)
                    .orElse(null);
            if (next == null) {
                return;
            }
            revision++;
            remove(next.getKey(), Sight.What.EXPIRE, next.getValue());
        }
    }

    private void read(Due due, Request request, int node, long moment) {
        Sight last = null;
        long reached = 0;
        for (Sight change : changes) {
            if (change.time() > moment) {
                break;
            }
            reached = change.revision();
            last = change.key().equals(request.key()) ? change : last;
        }
        boolean found = last != null && last.what() == Sight.What.PUT;
        Answer answer = Answer.of(
                found ? 200 : 404,
                found ? last.value() : null,
                found ? last.revision() : 0,
                reached,
                "node" + (node + 1),
                request.level());
        add(due, request, Outcome.DONE, answer);
    }

    private void add(Due due, Request request, Outcome outcome, Answer answer) {
        operations.add(new Operation(
                due.client,
                random.nextInt(LAG.length),
                1,
                false,
                request,
                due.start,
                due.end,
                due.unknown ? Outcome.UNKNOWN : outcome,
                due.unknown ? null : answer));
    }

    private Result result() {
        List<Watcher> watchers =
                List.of(new Watcher(0, false, ""), new Watcher(1, false, ""), new Watcher(2, true, "k1"));
        List<Sight> sights = new ArrayList<>();
        for (Watcher watcher : watchers) {
            open(watcher, "", sights);
            for (int i = 0; i < changes.size(); i++) {
                Sight change = changes.get(i);
                if (watcher.covers(change.key())) {
                    boolean last = i + 1 == changes.size() || changes.get(i + 1).revision() != change.revision();
                    String id = change.revision() + (last || watcher.exact() ? "" : ".0");
                    sights.add(new Sight(
                            watcher.number(),
                            random.nextInt(3),
                            change.what(),
                            id,
                            change.key(),
                            change.value(),
                            change.revision(),
                            change.createRevision(),
                            change.version(),
                            change.time() + MS));
                    if (random.nextInt(20) == 0) {
                        open(watcher, id, sights);
                    }
                }
            }
        }
        List<NodeStore> stores = new ArrayList<>();
        for (int node = 1; node <= LAG.length; node++) {
            stores.add(new NodeStore("node" + node, revision, List.copyOf(store.values())));
        }
        return new Result(operations, watchers, sights, stores);
    }

    private static void open(Watcher watcher, String id, List<Sight> sights) {
        sights.add(new Sight(watcher.number(), 0, Sight.What.OPEN, id, null, null, 0, 0, 0, 0));
    }
}
