package dev.raftkv.config;

import dev.raftkv.config.NodeConfig.Auth;
import dev.raftkv.config.NodeConfig.Consul;
import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.config.NodeConfig.Limits;
import dev.raftkv.config.NodeConfig.Security;
import dev.raftkv.config.NodeConfig.Storage;
import dev.raftkv.config.NodeConfig.Timeouts;
import dev.raftkv.model.Address;
import dev.raftkv.model.ReadLevel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads a configuration once: each setting, then what they must be to each other, then all problems or none. */
final class ConfigReader {
    private static final long MIB = 1024 * 1024;
    private static final String CONTAINER = "container";

    private final ConfigSources sources;
    private final Deployment deployment;
    private final Map<Setting, Sourced> values = new EnumMap<>(Setting.class);
    private final List<String> problems = new ArrayList<>();

    ConfigReader(ConfigSources sources, Deployment deployment) {
        this.sources = sources;
        this.deployment = deployment;
    }

    EffectiveConfig read() {
        for (Setting setting : Setting.values()) {
            values.put(setting, resolve(setting));
        }
        if (text(Setting.RAFT_PORT).equals(text(Setting.SERVER_PORT))) {
            Sourced http = values.get(Setting.SERVER_PORT);
            refuse(
                    Setting.RAFT_PORT,
                    values.get(Setting.RAFT_PORT),
                    "a port that differs from " + http.describe(Setting.SERVER_PORT));
        }
        DataDirectory.problem(Path.of(text(Setting.RAFT_VOL_DIR)), deployment.webApplication())
                .ifPresent(wanted -> refuse(Setting.RAFT_VOL_DIR, values.get(Setting.RAFT_VOL_DIR), wanted));
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return new EffectiveConfig(nodeConfig(), described(false), described(true));
    }

    private static String wanted(Setting setting, String given) {
        return setting == Setting.RAFT_VOL_DIR
                ? setting.accepts() + DataDirectory.unwritable(given, System.getProperty("sun.jnu.encoding", ""))
                : setting.accepts();
    }

    /** A value that is refused makes room for the default, so that one mistake is one problem. */
    private Sourced resolve(Setting setting) {
        Sourced byDefault = new Sourced(fill(setting.defaultText()), Sourced.DEFAULT);
        Sourced given = sources.find(setting).orElse(byDefault);
        if (setting.accept(given.value()).isEmpty()) {
            refuse(setting, given, wanted(setting, given.value()));
            given = byDefault;
        }
        String used = setting.accept(given.value()).orElse(given.value());
        return new Sourced(setting == Setting.RAFT_VOL_DIR ? absolute(used, given) : used, given.origin());
    }

    private String absolute(String path, Sourced given) {
        Path directory = deployment.base().resolve(path).normalize();
        DataDirectory.elsewhere(directory, Path.of(path).toAbsolutePath().normalize())
                .ifPresent(wanted -> refuse(Setting.RAFT_VOL_DIR, given, wanted));
        return directory.toString();
    }

    /** Replaces the names in a default by the values of settings read before it. */
    private String fill(String template) {
        String filled = template.replace("<context path>", deployment.contextPath());
        if (deployment.encrypted()) {
            filled = filled.replaceFirst("^http:", "https:");
        }
        for (Map.Entry<Setting, Sourced> entry : values.entrySet()) {
            String name = "<" + entry.getKey() + ">";
            String value = entry.getValue().value();
            // An IPv6 address stands in brackets in a URL, and only there.
            filled = filled.replace("//" + name, "//" + new Host(value).inUrl()).replace(name, value);
        }
        return filled;
    }

    private void refuse(Setting setting, Sourced given, String wanted) {
        problems.add(given.describe(setting) + ": give " + wanted);
    }

    private NodeConfig nodeConfig() {
        return new NodeConfig(
                text(Setting.RAFT_NODE_ID),
                new Address(text(Setting.RAFT_HOST), number(Setting.RAFT_PORT)),
                text(Setting.RAFT_BIND_HOST),
                text(Setting.RAFT_HTTP_ADDRESS),
                Path.of(text(Setting.RAFT_VOL_DIR)),
                FollowerWrites.valueOf(text(Setting.RAFT_FOLLOWER_WRITES).toUpperCase(Locale.ROOT)),
                ReadLevel.of(text(Setting.RAFT_READ_LEVEL)).orElseThrow(),
                list(Setting.RAFT_JOIN),
                new Timeouts(
                        millis(Setting.RAFT_ELECTION_TIMEOUT_MS),
                        millis(Setting.RAFT_WRITE_TIMEOUT_MS),
                        millis(Setting.RAFT_READ_TIMEOUT_MS),
                        millis(Setting.RAFT_JOIN_TIMEOUT_MS),
                        millis(Setting.RAFT_STOP_TIMEOUT_MS)),
                new Limits(
                        number(Setting.RAFT_MAX_VALUE_BYTES),
                        number(Setting.RAFT_MAX_PENDING_WRITES),
                        number(Setting.RAFT_MAX_WATCHES)),
                new Storage(
                        number(Setting.RAFT_CACHE_MB) * MIB,
                        number(Setting.RAFT_MIN_FREE_DISK_MB) * MIB,
                        number(Setting.RAFT_SNAPSHOT_ENTRIES),
                        number(Setting.RAFT_SNAPSHOT_LOG_MB) * MIB),
                security(),
                Optional.of(text(Setting.RAFT_RECOVER)).filter(word -> !word.isEmpty()),
                new Consul(
                        text(Setting.RAFT_CONSUL).equals("on"),
                        text(Setting.RAFT_CONSUL_DATACENTER),
                        millis(Setting.RAFT_CONSUL_SESSION_TTL_MIN_MS)));
    }

    private Security security() {
        String auth = text(Setting.RAFT_AUTH);
        boolean byContainer = auth.equals(CONTAINER);
        return new Security(
                auth.isEmpty() ? Auth.NONE : byContainer ? Auth.CONTAINER : Auth.FILE,
                byContainer ? Optional.empty() : file(Setting.RAFT_AUTH),
                file(Setting.RAFT_NODE_SECRET),
                file(Setting.RAFT_TLS),
                Boolean.parseBoolean(text(Setting.RAFT_INSECURE)),
                list(Setting.RAFT_ALLOWED_HOSTS),
                list(Setting.RAFT_CORS_ORIGINS));
    }

    private Optional<Path> file(Setting setting) {
        String path = text(setting);
        return path.isEmpty()
                ? Optional.empty()
                : Optional.of(deployment.base().resolve(path).normalize());
    }

    private List<String> described(boolean byDefault) {
        return values.entrySet().stream()
                .filter(entry -> entry.getValue().isDefault() == byDefault)
                .map(entry -> entry.getValue().describe(entry.getKey()))
                .toList();
    }

    private String text(Setting setting) {
        return values.get(setting).value();
    }

    private List<String> list(Setting setting) {
        return text(setting).isEmpty() ? List.of() : List.of(text(setting).split(","));
    }

    private int number(Setting setting) {
        return Integer.parseInt(text(setting));
    }

    private Duration millis(Setting setting) {
        return Duration.ofMillis(number(setting));
    }
}
