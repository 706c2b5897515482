package dev.raftkv.consul.compare;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.raftkv.consul.ConsulCaller.Answer;
import java.util.List;
import java.util.Random;

/**
 * Random requests for a few keys and sessions, most of which make sense: what is locked is released, what was seen is compared. They are
 * the same for the same seed, whatever is answered.
 */
public final class RandomWalk {
    private static final List<String> NAMES =
            List.of("a", "b", "c", "d/", "d/a", "d/b", "d/e/f", "lock/a", "lock/b", "%C3%A7%20;=", "a+b", "a%3Cb");
    private static final List<String> PREFIXES = List.of("", "a", "d", "d/", "d/e", "lock/", "none/", "%C3%A7%20");
    private static final List<String> LEVELS =
            List.of("", "", "", "&consistent", "&stale=1", "&cached", "&max_stale=10s");
    private static final List<String> BAD = List.of(
            "GET kv/",
            "DELETE kv/",
            "PUT kv/",
            "POST kv/%sa",
            "POST session/create",
            "GET session/create",
            "GET session/renew/x",
            "GET txn",
            "GET kv/%sa?stale&consistent",
            "GET kv/%sa?index=x",
            "GET kv/%sa?index=-1",
            "GET kv/%sa?recurse&wait=soon",
            "GET kv//%sa",
            "GET kv/%sa/../b",
            "PUT kv/%%2e%%2e/%sb",
            "DELETE kv/%s./b?recurse",
            "PUT kv/%sa%%20",
            "PUT kv/%%20%sa",
            "PUT kv/%sa?flags=x",
            "PUT kv/%sa?flags=",
            "PUT kv/%sa?acquire",
            "PUT kv/%sa?release=",
            "PUT kv/%sa?flags=-1",
            "PUT kv/%sa?flags=18446744073709551616",
            "PUT kv/%sa?cas=",
            "PUT kv/%sa?cas=1.5",
            "PUT kv/%sa?cas=1&acquire=x",
            "PUT kv/%sa?release=x&acquire=x&flags=2",
            "DELETE kv/%sa?recurse&cas=1",
            "DELETE kv/%sa?cas=x",
            "PUT session/renew/",
            "PUT session/destroy/",
            "GET session/info/",
            "GET session/node/",
            "GET session/nothing/x",
            "GET nothing");

    private final Random random;
    private final Comparison both;
    private final String root;
    private final boolean exact;
    private final RandomSessions sessions;
    private final RandomTxn txn;
    private int values;

    /** @param exact whether all may be asked that is not the same with Consul itself on purpose */
    public RandomWalk(long seed, Comparison both, boolean exact) {
        this.random = new Random(seed);
        this.both = both;
        // Lock delays and removals of an earlier walk are none of this one.
        this.root = seed + "-" + Long.toHexString(System.nanoTime()) + "/";
        this.exact = exact;
        this.sessions = new RandomSessions(random, both, exact);
        this.txn = new RandomTxn(this, random, both, sessions, exact);
    }

    /** What finds nothing where there is a Consul. */
    public static Ask ofNothing() {
        return Ask.get("/v1/kv/nothing");
    }

    /** @param requests at least so many */
    public void go(int requests) {
        while (both.requests() < requests) {
            step(random.nextInt(100));
        }
        both.ask(Ask.get("/v1/kv/?recurse"));
        both.ask(Ask.get("/v1/session/list"));
    }

    private void step(int what) {
        if (what < 22) {
            put();
        } else if (what < 30) {
            both.ask(Ask.delete(key(false) + oneOf("", "", "?cas=" + index(), "?cas=0")));
        } else if (what < 32) {
            both.ask(Ask.delete("/v1/kv/" + root + oneOf("a", "d", "d/", "none/", "lock/a") + "?recurse"));
        } else if (what < 46) {
            both.ask(Ask.get(key(true) + oneOf("?", "?", "?raw", "?pretty") + level()));
        } else if (what < 56) {
            both.ask(Ask.get(prefix()));
        } else if (what < 64) {
            seenAndChanged();
        } else if (what < 70) {
            waits();
        } else if (what < 82) {
            sessions.step(this::lock);
        } else if (what < 94) {
            txn.step();
        } else {
            bad();
        }
    }

    String oneOf(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private static String of(List<String> choices, Random random) {
        return choices.get(random.nextInt(choices.size()));
    }

    /** @param any whether locks may be among them; only acquire and release write these where Consul itself counts otherwise */
    String key(boolean any) {
        return "/v1/kv/" + name(any);
    }

    String name(boolean any) {
        String name = of(NAMES, random);
        return root + (any || exact || !name.startsWith("lock/") ? name : "a");
    }

    private String lock() {
        return "/v1/kv/" + root + (exact ? oneOf("lock/a", "lock/b", "a", "d/a") : oneOf("lock/a", "lock/b"));
    }

    /** One that has been shown, perhaps of something else, or none. */
    String index() {
        int seen = both.seen();
        return seen == 0 || random.nextInt(8) == 0
                ? oneOf("0", "1", "99999999", "18446744073709551615")
                : "<seen-" + (seen - 1 - random.nextInt(Math.min(seen, 6))) + ">";
    }

    private String level() {
        return of(LEVELS, random);
    }

    byte[] value() {
        return switch (random.nextInt(7)) {
            case 0 -> new byte[0];
            case 1 -> "same".getBytes(UTF_8);
            case 2 -> "{\"a\": [1, 2]}".getBytes(UTF_8);
            case 3 -> ("" + random.nextInt(3)).getBytes(UTF_8);
            case 4 -> " \u00e7<a>& ".getBytes(UTF_8);
            default -> {
                byte[] any = new byte[random.nextInt(40)];
                random.nextBytes(any);
                yield any;
            }
        };
    }

    private void put() {
        String flags = oneOf("", "", "flags=0", "flags=7", "flags=18446744073709551615");
        String cas = oneOf("", "", "&cas=0", "&cas=" + index());
        both.ask(new Ask("PUT", key(false) + "?" + flags + cas, value()));
    }

    private String prefix() {
        return "/v1/kv/"
                + (random.nextInt(6) == 0 ? "" : root + of(PREFIXES, random))
                + "?"
                + oneOf("recurse", "recurse=false", "keys", "keys&separator=/", "keys&separator=/e", "recurse&keys")
                + level()
                + oneOf("", "", "", "&pretty", "&raw");
    }

    /** As who writes only what nobody has written meanwhile. */
    private void seenAndChanged() {
        String key = key(false);
        Answer answer = both.ask(Ask.get(key));
        String query = "?cas=" + (answer.status() == 404 ? "0" : "<last>");
        both.ask(random.nextInt(4) == 0 ? Ask.delete(key + query) : new Ask("PUT", key + query, value()));
    }

    private void waits() {
        boolean single = random.nextBoolean();
        // What is stale may not have what was written just now.
        String target = (single ? key(exact) + "?" : prefix() + "&").replaceAll("(max_)?stale=[^&]*", "");
        both.ask(Ask.get(target));
        if (random.nextBoolean()) {
            String index = random.nextInt(3) == 0 ? index() : "<last>";
            both.ask(Ask.get(target + "&wait=20ms&index=" + (index.length() > 9 ? "<last>" : index)));
            return;
        }
        String asked = target.substring(0, target.indexOf('?'));
        String changed = single ? asked : asked.equals("/v1/kv/") ? asked + root + "a" : asked + "x";
        both.during(Ask.get(target + "&wait=10s&index=<last>"), Ask.put(changed, "value " + values++));
        if (random.nextBoolean()) {
            both.ask(Ask.get(target));
            both.during(Ask.get(target + "&wait=10s&index=<last>"), Ask.delete(changed));
        }
    }

    private void bad() {
        String[] bad = String.format(of(BAD, random), root).split(" ", 2);
        both.ask(new Ask(bad[0], "/v1/" + bad[1], new byte[0]));
    }
}
