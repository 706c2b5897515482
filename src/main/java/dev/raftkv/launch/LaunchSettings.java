package dev.raftkv.launch;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a launch goes by: the options, then the system properties, then the environment, then the defaults. To be checked
 * before it is used.
 */
final class LaunchSettings {
    private static final String LOOPBACK = "127.0.0.1";
    private static final String EVERYWHERE = "0.0.0.0";

    private final LaunchOptions options;
    private final Properties properties;
    private final Map<String, String> environment;

    LaunchSettings(LaunchOptions options, Properties properties, Map<String, String> environment) {
        this.options = options;
        this.properties = properties;
        this.environment = environment;
    }

    /** @throws LaunchException if a value that the launcher needs itself is not accepted, wherever it is from */
    void check() throws LaunchException {
        for (LaunchOption option :
                List.of(LaunchOption.PORT, LaunchOption.HTTP_HOST, LaunchOption.TLS, LaunchOption.LOG_FORMAT)) {
            Optional<Given> given = outside(option);
            if (given.isPresent() && !option.accepts(given.get().value())) {
                throw new LaunchException(LaunchException.EXIT_WRONG_USE, given.get() + ": give " + option.accepts());
            }
        }
    }

    int port() {
        return Integer.parseInt(value(LaunchOption.PORT));
    }

    /**
     * Where the HTTP port listens: a host name or an IP address. While nobody else reaches the Raft port, nobody else reaches
     * HTTP, unless that is asked for.
     */
    String httpHost() {
        String given = value(LaunchOption.HTTP_HOST);
        if (!given.isEmpty()) {
            return given;
        }
        String raft = Stream.of("RAFT_BIND_HOST", "RAFT_HOST")
                .flatMap(name -> outside(name).stream())
                .map(Given::value)
                .findFirst()
                .orElse(LOOPBACK);
        return isLoopback(raft) ? raft : EVERYWHERE;
    }

    private static boolean isLoopback(String host) {
        try {
            return Arrays.stream(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
        } catch (UnknownHostException e) {
            // The node says so, when it finds that it cannot have its Raft port.
            return false;
        }
    }

    /** The empty string for the root, else with a slash in front and none at its end. */
    String contextPath() {
        return value(LaunchOption.CONTEXT_PATH).replaceFirst("^/$", "");
    }

    /** Where the certificates are, if the port is to speak HTTPS. */
    Optional<Path> tls() {
        return Optional.of(value(LaunchOption.TLS))
                .filter(path -> !path.isEmpty())
                .map(Path::of);
    }

    LogFormat logFormat() {
        return LogFormat.of(value(LaunchOption.LOG_FORMAT));
    }

    /** What the options say to the node, by the names of its settings: the web application reads all the rest itself. */
    Map<String, String> parameters() {
        Map<String, String> parameters = new TreeMap<>();
        for (LaunchOption option : LaunchOption.values()) {
            option.setting()
                    .ifPresent(setting -> options.value(option).ifPresent(value -> parameters.put(setting, value)));
        }
        return parameters;
    }

    private String value(LaunchOption option) {
        return options.value(option).or(() -> outside(option).map(Given::value)).orElse(option.byDefault());
    }

    /** What it is set to without the option. */
    private Optional<Given> outside(LaunchOption option) {
        if (options.has(option) || option.setting().isEmpty()) {
            return Optional.empty();
        }
        return outside(option.setting().get());
    }

    private Optional<Given> outside(String name) {
        // As for all settings: an empty environment variable counts as not set.
        String variable = environment.getOrDefault(name, "").strip();
        return Stream.of(
                        Optional.ofNullable(properties.getProperty(name))
                                .map(value -> new Given(name, "system property", value.strip())),
                        Optional.of(new Given(name, "environment variable", variable))
                                .filter(set -> !set.value().isEmpty()))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private record Given(String name, String origin, String value) {
        @Override
        public String toString() {
            return name + " (" + origin + ") is " + value;
        }
    }
}
