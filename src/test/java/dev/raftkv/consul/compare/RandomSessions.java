package dev.raftkv.consul.compare;

import dev.raftkv.consul.ConsulCaller.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Random requests for sessions, and locks of theirs. */
final class RandomSessions {
    /** An id that no session has. */
    private static final String NOBODY = "00000000-0000-0000-0000-000000000000";

    private static final int MOST = 5;
    private static final List<String> BODIES = List.of(
            "",
            "{}",
            "{\"LockDelay\":\"0s\"}",
            "{\"lockdelay\":0,\"behavior\":\"delete\"}",
            "{\"Name\":\"demo\",\"LockDelay\":\"0s\",\"TTL\":\"60.0s\",\"Behavior\":\"release\"}",
            "{\"name\":\"demo\",\"node\":\"n1\",\"ttl\":\"1h30m\",\"lockdelay\":\"0s\",\"checks\":[]}",
            "{\"Node\":null,\"NodeChecks\":[],\"Behavior\":\"delete\",\"LockDelay\":0,\"Unknown\":{\"a\":[1]}}",
            "{\"TTL\":\"0s\",\"Behavior\":\"delete\",\"LockDelay\":500000000000}",
            "{\"TTL\":\"\",\"LockDelay\":\"2m\"}",
            "{\"LockDelay\":5}",
            "{\"TTL\":\"6.0s\"}",
            "{\"TTL\":\"25h\"}",
            "{\"TTL\":\"soon\"}",
            "{\"LockDelay\":\"soon\"}",
            "{\"Behavior\":\"keep\"}",
            "{\"Behavior\":\"keep\",\"TTL\":\"1s\"}",
            "[]",
            "{\"Name\":",
            "5");
    /** What Consul itself takes otherwise, or does not show. */
    private static final List<String> MORE_BODIES = List.of(
            "{\"NodeChecks\":[\"serfHealth\",\"x\"],\"ServiceChecks\":[{\"ID\":\"y\"}],\"LockDelay\":\"0s\"}",
            "{\"Name\":5}",
            "{\"TTL\":10}");

    private final Random random;
    private final Comparison both;
    private final boolean exact;
    private final List<String> living = new ArrayList<>();

    RandomSessions(Random random, Comparison both, boolean exact) {
        this.random = random;
        this.both = both;
        this.exact = exact;
    }

    private String oneOf(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /** @param lock which key may be locked */
    void step(Supplier<String> lock) {
        int what = random.nextInt(100);
        if (what < 15 && living.size() < MOST) {
            create();
        } else if (what < 50) {
            acquire(lock.get());
        } else if (what < 68) {
            String session = random.nextInt(6) == 0 ? anyone() : alive();
            both.ask(Ask.put(lock.get() + "?release=" + session + oneOf("", "&flags=5"), oneOf("", "free", "{}")));
        } else if (what < 76) {
            end();
        } else if (what < 84) {
            both.ask(Ask.put("/v1/session/renew/" + anyone() + oneOf("", "", "?pretty"), ""));
        } else if (what < 90) {
            both.ask(Ask.get("/v1/session/info/" + anyone() + oneOf("", "?stale", "?consistent", "?pretty")));
        } else {
            String list = "/v1/session/" + oneOf("list", "list", "node/n1", "node/<own>", "node/nowhere");
            both.ask(Ask.get(list + oneOf("", "", "", "?index=1&wait=1ms")));
        }
    }

    private void create() {
        List<String> bodies = new ArrayList<>(BODIES);
        if (exact) {
            bodies.addAll(MORE_BODIES);
        }
        Answer answer = both.ask(Ask.put("/v1/session/create", bodies.get(random.nextInt(bodies.size()))));
        if (answer.status() == 200) {
            living.add("<session-" + (both.sessions() - 1) + ">");
        }
    }

    private void acquire(String key) {
        if (!living.isEmpty() && random.nextInt(10) > 0) {
            both.ask(Ask.put(key + "?acquire=" + alive() + oneOf("", "", "&flags=9"), oneOf("", "mine", "[1]")));
            return;
        }
        // Consul itself looks first whether there is a lock delay.
        String free = exact ? key : key.replaceAll("lock/.*", "never");
        both.ask(Ask.put(free + "?acquire=" + oneOf(NOBODY, "x", "", gone()), "mine"));
    }

    private void end() {
        String session = random.nextInt(8) == 0 ? anyone() : alive();
        both.ask(Ask.put("/v1/session/destroy/" + session, ""));
        living.remove(session);
    }

    /** One that lives, if any does. */
    String alive() {
        return living.isEmpty() ? NOBODY : living.get(random.nextInt(living.size()));
    }

    /** One that has ended, if any has. */
    String gone() {
        for (int i = 0; i < both.sessions(); i++) {
            if (!living.contains("<session-" + i + ">")) {
                return "<session-" + i + ">";
            }
        }
        return NOBODY;
    }

    /** One that lives, has ended, or has never been. */
    String anyone() {
        int sessions = both.sessions();
        return sessions == 0 || random.nextInt(8) == 0
                ? oneOf(NOBODY, "x")
                : "<session-" + random.nextInt(sessions) + ">";
    }
}
