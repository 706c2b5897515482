package dev.raftkv.lab.work;

import dev.raftkv.lab.history.Answer;
import dev.raftkv.lab.history.Operation;
import dev.raftkv.lab.history.Txn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The keys that are in use now, and what was seen of them last. Thread-safe. */
final class Keyspace {
    /** How many keys with a time to live are read. */
    private static final int RECENT = 8;

    /** @param value null if it was not told */
    record Seen(String value, long revision) {}

    private final Plan plan;
    private final int[] uses;
    private final AtomicInteger mortal = new AtomicInteger();
    private final Map<String, Seen> seen = new ConcurrentHashMap<>();

    Keyspace(Plan plan) {
        this.plan = plan;
        this.uses = new int[plan.keys()];
    }

    /** One of the keys in use; after so many uses another takes its place. */
    synchronized String any(Random random) {
        int slot = random.nextInt(uses.length);
        return key(slot, uses[slot]++ / plan.operationsPerKey());
    }

    /** So many different keys in use, at most. */
    List<String> some(int count, Random random) {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String key = any(random);
            if (!keys.contains(key)) {
                keys.add(key);
            }
        }
        return keys;
    }

    private String key(int slot, int generation) {
        return slot(slot) + generation;
    }

    /** How all keys of a place begin, one after the other. */
    String slot(int slot) {
        return plan.prefix() + "k" + slot % plan.keys() + "/";
    }

    /** A key that is written rarely. */
    String quiet() {
        return plan.prefix() + "quiet";
    }

    /** How all keys with a time to live begin. */
    String mortals() {
        return plan.prefix() + "t/";
    }

    String newMortal() {
        return mortals() + mortal.incrementAndGet();
    }

    String recentMortal(Random random) {
        return mortals() + Math.max(1, mortal.get() - random.nextInt(RECENT));
    }

    /** What was seen of a key last; null if nothing. */
    Seen seen(String key) {
        return seen.get(key);
    }

    /** Remembers what an operation saw. */
    void look(Operation operation) {
        Answer answer = operation.answer();
        if (!operation.isDone()) {
            return;
        }
        switch (operation.request().kind()) {
            case READ -> see(operation.request().key(), answer.value(), answer.tag());
            case PUT -> see(operation.request().key(), operation.request().value(), answer.tag());
            case DELETE -> seen.remove(operation.request().key());
            case TXN -> {
                for (Txn.Result result : answer.results()) {
                    if (result.action() == Txn.Do.GET && result.existed()) {
                        see(result.key(), result.value(), result.revision());
                    }
                }
            }
        }
    }

    private void see(String key, String value, long revision) {
        if (value == null || revision <= 0) {
            return;
        }
        seen.merge(key, new Seen(value, revision), (old, now) -> old.revision() > now.revision() ? old : now);
    }
}
