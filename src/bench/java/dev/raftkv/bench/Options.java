package dev.raftkv.bench;

import dev.raftkv.bench.peer.Products;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * What a run is to measure.
 *
 * @param peers of whom the first is what the others are compared with
 * @param wars other WARs of raftkv that are measured too, by their names
 * @param connections of the works that are load, one slice for each number
 * @param rounds in each of which every peer has its turn at everything
 * @param warmUp for how many seconds each peer does each work before the first round
 * @param seconds how long a slice counts
 * @param renewing for how many seconds a slice counts in which sessions are renewed
 * @param keys that are there when all nodes are restarted
 * @param jvm what the JVMs of raftkv are given after the settings of {@code deploy/systemd}, which it overrules
 * @param micro which benchmarks of JMH, a regular expression
 * @param command what somebody has to type for the same run
 */
record Options(
        Path directory,
        List<Products> peers,
        Map<String, Path> wars,
        List<Work> works,
        List<Integer> connections,
        int rounds,
        double warmUp,
        double seconds,
        double renewing,
        long keys,
        List<String> jvm,
        String micro,
        String command) {
    private static final Map<String, String> DEFAULTS = Map.ofEntries(
            Map.entry("peers", "raftkv,etcd,zookeeper"),
            Map.entry("wars", ""),
            Map.entry("works", everyWorkBut(Work.MICRO, Work.SESSIONS)),
            Map.entry("connections", "1,64,256"),
            Map.entry("rounds", "3"),
            Map.entry("warmup", "20"),
            Map.entry("seconds", "3"),
            Map.entry("renewing", "60"),
            Map.entry("keys", "200000"),
            Map.entry("jvm", ""),
            Map.entry("micro", ".*"));

    private static String everyWorkBut(Work... some) {
        return Arrays.stream(Work.values())
                .filter(work -> !List.of(some).contains(work))
                .map(Options::word)
                .collect(Collectors.joining(","));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /**
     * The directory, and {@code name=value} for each option; one that is empty is as usual.
     *
     * @throws IllegalArgumentException if one is not known or not acceptable, with a message that says what is
     */
    static Options of(List<String> arguments) {
        if (arguments.isEmpty()) {
            throw new IllegalArgumentException("Give a directory for what is measured.");
        }
        Map<String, String> given = new LinkedHashMap<>();
        for (String argument : arguments.subList(1, arguments.size())) {
            String[] parts = argument.split("=", 2);
            if (parts.length != 2 || !DEFAULTS.containsKey(parts[0])) {
                throw new IllegalArgumentException(
                        "There is no option " + argument + "; there are " + sorted(DEFAULTS.keySet()));
            }
            if (!parts[1].isBlank()) {
                given.put(parts[0], parts[1].strip());
            }
        }
        UnaryOperator<String> value = name -> given.getOrDefault(name, DEFAULTS.get(name));
        return new Options(
                Path.of(arguments.get(0)).toAbsolutePath(),
                each("peers", value, word -> oneOf("peers", Products.class, word)),
                wars(value.apply("wars")),
                each("works", value, word -> oneOf("works", Work.class, word)),
                each("connections", value, word -> (int) number("connections", word, 1, 2000)),
                (int) number("rounds", value.apply("rounds"), 1, 1000),
                number("warmup", value.apply("warmup"), 1, 3600),
                number("seconds", value.apply("seconds"), 1, 3600),
                number("renewing", value.apply("renewing"), 1, 3600),
                number("keys", value.apply("keys"), 10_000, 10_000_000),
                value.apply("jvm").isEmpty()
                        ? List.of()
                        : List.of(value.apply("jvm").split(" +")),
                value.apply("micro"),
                command(given));
    }

    private static <T> List<T> each(String name, UnaryOperator<String> value, Function<String, T> reading) {
        return Arrays.stream(value.apply(name).split(","))
                .map(String::strip)
                .map(reading)
                .distinct()
                .toList();
    }

    private static Map<String, Path> wars(String words) {
        Map<String, Path> wars = new LinkedHashMap<>();
        for (String word : words.isEmpty() ? new String[0] : words.split(" +")) {
            String[] parts = word.split("=", 2);
            if (parts.length != 2 || parts[0].isEmpty() || !Files.isReadable(Path.of(parts[1]))) {
                throw new IllegalArgumentException(
                        "bench.wars has " + word + ": give name=file for each, with a blank between two");
            }
            wars.put(parts[0], Path.of(parts[1]).toAbsolutePath());
        }
        return wars;
    }

    private static <E extends Enum<E>> E oneOf(String name, Class<E> all, String word) {
        return Arrays.stream(all.getEnumConstants())
                .filter(one -> one.name().equalsIgnoreCase(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("bench." + name + " has " + word + ": give some of "
                        + Arrays.stream(all.getEnumConstants())
                                .map(Options::word)
                                .collect(Collectors.joining(","))));
    }

    private static long number(String name, String word, long least, long most) {
        long number = word.matches("[0-9]{1,9}") ? Long.parseLong(word) : -1;
        if (number < least || number > most) {
            throw new IllegalArgumentException(
                    "bench." + name + " has " + word + ": give whole numbers from " + least + " to " + most);
        }
        return number;
    }

    private static String command(Map<String, String> given) {
        return "mvn -q -Pbench"
                + given.entrySet().stream()
                        .map(option -> " -Dbench." + option.getKey() + "=" + quoted(option.getValue()))
                        .collect(Collectors.joining());
    }

    /** As a shell takes it for one word. */
    private static String quoted(String value) {
        return value.matches("[A-Za-z0-9_.,:/+-]+") ? value : "'" + value.replace("'", "'\\''") + "'";
    }

    private static String sorted(Set<String> names) {
        return String.join(", ", names.stream().sorted().toList());
    }
}
