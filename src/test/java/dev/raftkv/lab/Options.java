package dev.raftkv.lab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * What a run is to be, by system properties {@code faults.*}.
 *
 * @param length how long faults happen; forming the cluster, and judging, come on top
 * @param variant the settings of the nodes
 * @param soak whether there is a fault a minute only, and a picture of what the nodes use
 * @param proxies whether to use them though namespaces were possible
 * @param kinds the faults
 */
record Options(
        Duration length, long seed, int nodes, Variant variant, boolean soak, boolean proxies, List<FaultKind> kinds) {
    private static final String PREFIX = "faults.";

    /** Settings of the nodes. */
    enum Variant {
        PLAIN(Map.of()),
        /** With TLS, tokens and a secret of the nodes. */
        SECURE(Map.of()),
        FORWARD(Map.of(
                "RAFT_FOLLOWER_WRITES", "forward",
                "RAFT_SNAPSHOT_ENTRIES", "500",
                "RAFT_SNAPSHOT_LOG_MB", "1"));

        private final Map<String, String> settings;

        Variant(Map<String, String> settings) {
            this.settings = settings;
        }

        Map<String, String> settings() {
            return settings;
        }
    }

    /** @throws IllegalArgumentException for what cannot be, with its name */
    static Options fromSystemProperties() {
        String seed = property("seed", "");
        int nodes = (int) number("nodes", "3");
        if (nodes != 3 && nodes != 5) {
            throw new IllegalArgumentException("faults.nodes is " + nodes + ": 3 or 5");
        }
        return new Options(
                Duration.ofMillis((long) (number("minutes", "3") * 60_000)),
                seed.isEmpty() ? new Random().nextInt(1, 1_000_000) : Long.parseLong(seed),
                nodes,
                Variant.valueOf(property("variant", "plain").toUpperCase(Locale.ROOT)),
                Boolean.parseBoolean(property("soak", "false")),
                property("network", "").equals("proxies"),
                kinds(property("only", "")));
    }

    /** How the same run is started again. */
    String command() {
        return "mvn verify -Pfaults -Dfaults.minutes=" + length.toSeconds() / 60.0 + " -Dfaults.seed=" + seed
                + " -Dfaults.nodes=" + nodes + " -Dfaults.variant="
                + variant.name().toLowerCase(Locale.ROOT)
                + (soak ? " -Dfaults.soak=true" : "") + (proxies ? " -Dfaults.network=proxies" : "")
                + (kinds.size() < FaultKind.values().length ? " -Dfaults.only=" + String.join(",", names(kinds)) : "");
    }

    private static List<String> names(List<FaultKind> kinds) {
        return kinds.stream().map(FaultKind::name).toList();
    }

    private static List<FaultKind> kinds(String names) {
        return names.isEmpty()
                ? List.of(FaultKind.values())
                : new ArrayList<>(
                        Stream.of(names.split(",")).map(FaultKind::valueOf).toList());
    }

    private static double number(String name, String otherwise) {
        return Double.parseDouble(property(name, otherwise));
    }

    private static String property(String name, String otherwise) {
        String value = System.getProperty(PREFIX + name, "");
        return value.isEmpty() ? otherwise : value;
    }
}
