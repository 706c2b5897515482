package dev.raftkv.config;

import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** One place that settings come from, as it was when it was read. Keeps nothing but what may be meant for raftkv. */
public final class Source {
    static final String PREFIX = "RAFT_";

    private final String label;
    private final Map<String, String> values;

    private Source(String label, Map<String, String> values) {
        this.label = label;
        this.values = values;
    }

    /**
     * A source of the given values, white space at their ends removed.
     *
     * @param label names the source in messages: {@code context parameter}
     */
    public static Source of(String label, Map<String, String> values) {
        Map<String, String> ours = new TreeMap<>();
        values.forEach((name, value) -> {
            if (name.startsWith(PREFIX) || name.equals(Setting.SERVER_PORT.name())) {
                ours.put(name, value.strip());
            }
        });
        return new Source(label, ours);
    }

    /** The given Java system properties. */
    public static Source systemProperties(Properties properties) {
        Map<String, String> values = new TreeMap<>();
        properties.stringPropertyNames().forEach(name -> values.put(name, properties.getProperty(name)));
        return of("system property", values);
    }

    /** The given environment. A variable with an empty value counts as not set: Docker Compose passes unset ones so. */
    public static Source environment(Map<String, String> environment) {
        Source source = of("environment variable", environment);
        source.values.values().removeIf(String::isEmpty);
        return source;
    }

    String label() {
        return label;
    }

    Optional<String> find(Setting setting) {
        return Optional.ofNullable(values.get(setting.name()));
    }

    /** The names in it that look like settings and are none, in order. */
    Set<String> unknownNames() {
        Set<String> names = new TreeSet<>(values.keySet());
        for (Setting setting : Setting.values()) {
            names.remove(setting.name());
        }
        return names;
    }
}
