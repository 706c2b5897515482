package dev.raftkv.consul.compare;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Random transactions: short ones, which are done now and then, and long ones, which seldom are. */
final class RandomTxn {
    private static final List<String> READS = List.of(
            "get", "get-or-empty", "get-or-empty", "get-tree", "check-index", "check-session", "check-not-exists");
    private static final List<String> WRITES =
            List.of("set", "set", "set", "set", "cas", "delete", "delete-cas", "delete-tree", "lock", "unlock", "fly");
    private static final int MOST = 128;
    private static final List<String> BROKEN = List.of(
            "[{",
            "5",
            "",
            "[5]",
            "[{}]",
            "[{\"KV\":[]}]",
            "[{\"KV\":{\"Verb\":\"set\",\"Key\":\"a\",\"Value\":\"?\"}}]",
            "[{\"KV\":{\"Verb\":\"set\",\"Key\":\"a\",\"Value\":\"MQ\"}}]",
            "[{\"KV\":{\"Verb\":\"set\",\"Key\":\"a\",\"Value\":5}}]");

    private final RandomWalk walk;
    private final Random random;
    private final Comparison both;
    private final RandomSessions sessions;
    private final boolean exact;

    RandomTxn(RandomWalk walk, Random random, Comparison both, RandomSessions sessions, boolean exact) {
        this.walk = walk;
        this.random = random;
        this.both = both;
        this.sessions = sessions;
        this.exact = exact;
    }

    void step() {
        int what = random.nextInt(40);
        if (what == 0) {
            both.ask(Ask.put("/v1/txn", BROKEN.get(random.nextInt(BROKEN.size()))));
            return;
        }
        if (what == 1) {
            int length = MOST + random.nextInt(2);
            String get = "{\"KV\":{\"Verb\":\"get-or-empty\",\"Key\":\"" + key() + "\"}}";
            both.ask(Ask.put("/v1/txn", "[" + String.join(",", Collections.nCopies(length, get)) + "]"));
            return;
        }
        boolean reads = random.nextInt(4) == 0;
        int length = random.nextInt(random.nextInt(5) == 0 ? 12 : 4);
        String all = IntStream.range(0, length).mapToObj(i -> operation(reads)).collect(Collectors.joining(","));
        both.ask(Ask.put("/v1/txn" + walk.oneOf("", "", "", "?pretty", "?consistent"), "[" + all + "]"));
    }

    /** As it stands in JSON. */
    private String key() {
        String key = URLDecoder.decode(walk.name(false).replace("+", "%2B"), UTF_8);
        // The model quotes it as JSON does.
        return exact || key.chars().allMatch(each -> each < 0x80) ? key : key.substring(0, key.indexOf('/') + 1) + "b";
    }

    private String operation(boolean read) {
        boolean reads = read || random.nextInt(3) == 0;
        String verb = reads ? READS.get(random.nextInt(READS.size())) : WRITES.get(random.nextInt(WRITES.size()));
        String key = random.nextInt(40) == 0 ? "" : key();
        String session = walk.oneOf("", sessions.alive(), sessions.alive(), sessions.anyone());
        if (verb.endsWith("lock")) {
            key = key.isEmpty() || exact ? key : key.substring(0, key.indexOf('/') + 1) + "lock/a";
            session = exact ? session : sessions.alive();
        }
        String flags = walk.oneOf("", ",\"Flags\":0", ",\"Flags\":18446744073709551615", ",\"flags\":3");
        // A name of an index is no JSON: it is a number where it is sent.
        return "{\"" + walk.oneOf("KV", "KV", "kv") + "\":{\"Verb\":\"" + verb + "\",\"Key\":\"" + key + "\",\"Value\":"
                + value() + flags + ",\"Index\":" + walk.index() + ",\"Session\":\"" + session + "\"}}";
    }

    private String value() {
        return random.nextInt(5) == 0 ? "null" : '"' + Base64.getEncoder().encodeToString(walk.value()) + '"';
    }
}
