package dev.raftkv.lab.work;

import dev.raftkv.lab.history.Level;
import dev.raftkv.lab.history.Request;
import dev.raftkv.lab.history.Txn;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Chooses what one client asks for next. */
final class Choice {
    private static final int QUIET_EVERY = 400;

    private final int client;
    private final Random random;
    private final Keyspace keys;
    private final String run;
    private int values;
    private int names;

    /** @param run makes the names of requests those of this run */
    Choice(int client, Random random, Keyspace keys, String run) {
        this.client = client;
        this.random = random;
        this.keys = keys;
        this.run = run;
    }

    /** @param reached the latest revision that the client knows of */
    Request next(long reached) {
        String key = keys.any(random);
        int number = random.nextInt(100);
        if (number < 20) {
            return Request.read(key, Level.LINEARIZABLE);
        }
        if (number < 30) {
            return Request.read(key, Level.LEADER);
        }
        if (number < 42) {
            Request read = Request.read(key, Level.EVENTUAL);
            return random.nextInt(3) == 0 ? read.atLeast(reached) : read;
        }
        if (number < 45) {
            return Request.read(keys.recentMortal(random), random.nextBoolean() ? Level.LINEARIZABLE : Level.EVENTUAL);
        }
        Request write = write(key, number);
        return random.nextInt(3) == 0 ? write.named(run + "-" + client + "-" + names++) : write;
    }

    private Request write(String key, int number) {
        if (random.nextInt(QUIET_EVERY) == 0) {
            return Request.put(keys.quiet(), value());
        }
        if (number < 65) {
            return Request.put(key, value());
        }
        if (number < 75) {
            Keyspace.Seen seen = keys.seen(key);
            return Request.put(key, value()).onlyIf(seen == null ? Request.ABSENT : seen.revision());
        }
        if (number < 79) {
            return Request.put(key, value()).onlyIf(Request.ABSENT);
        }
        if (number < 84) {
            Keyspace.Seen seen = keys.seen(key);
            boolean sure = seen != null && random.nextBoolean();
            return sure ? Request.delete(key).onlyIf(seen.revision()) : Request.delete(key);
        }
        if (number < 88) {
            String mortal = random.nextInt(5) == 0 ? keys.recentMortal(random) : keys.newMortal();
            return Request.put(mortal, value()).withTtl(1 + random.nextInt(5));
        }
        return Request.txn(txn(keys.some(1 + random.nextInt(3), random)));
    }

    /** A change of several keys on a condition, or a look at all of them. */
    private Txn txn(List<String> some) {
        List<Txn.Compare> compares = new ArrayList<>();
        for (String key : some) {
            if (random.nextInt(3) > 0) {
                compares.add(compare(key));
            }
        }
        List<Txn.Op> gets = some.stream().map(Txn.Op::get).toList();
        if (random.nextInt(4) == 0) {
            return new Txn(compares, gets, gets);
        }
        List<Txn.Op> changes = new ArrayList<>();
        for (String key : some) {
            changes.add(random.nextInt(5) == 0 ? Txn.Op.delete(key) : Txn.Op.put(key, value()));
        }
        return new Txn(compares, changes, gets);
    }

    private Txn.Compare compare(String key) {
        Keyspace.Seen seen = keys.seen(key);
        if (seen == null) {
            return Txn.Compare.exists(key, random.nextInt(4) == 0);
        }
        return random.nextBoolean() ? Txn.Compare.value(key, seen.value()) : Txn.Compare.revision(key, seen.revision());
    }

    private String value() {
        return "c" + client + "-" + values++;
    }
}
