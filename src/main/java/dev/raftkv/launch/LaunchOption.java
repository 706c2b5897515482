package dev.raftkv.launch;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Every option of the command line: the only source of its name, what it takes and its line in the help. An option that
 * stands for a setting wins over the system property and the environment variable of the setting's name.
 */
enum LaunchOption {
    PORT("PORT", "SERVER_PORT", "8080", "a port from 1 to 65535", LaunchOption::isPort, "the HTTP port"),
    HTTP_HOST(
            "HOST",
            "RAFT_HTTP_HOST",
            "",
            "a host name of letters, digits, hyphens and dots, or an IP address",
            value -> value.isEmpty() || isHost(value),
            "where the HTTP port listens; 0.0.0.0 is everywhere"),
    NODE_ID(
            "NAME",
            "RAFT_NODE_ID",
            "node1",
            "1 to 64 characters of A-Z a-z 0-9 . _ -",
            value -> value.matches("[A-Za-z0-9._-]{1,64}"),
            "the node's name in its cluster"),
    RAFT_PORT(
            "PORT",
            "RAFT_PORT",
            "1111",
            "a port from 1 to 65535",
            LaunchOption::isPort,
            "the port for the traffic between the nodes"),
    DATA(
            "DIRECTORY",
            "RAFT_VOL_DIR",
            "raftkv-data/<RAFT_NODE_ID>",
            "a directory for this node alone",
            value -> !value.isBlank(),
            "where the node keeps its data"),
    JOIN(
            "URL[,URL]",
            "RAFT_JOIN",
            "",
            "the HTTP addresses of members, with commas between them, such as http://node1:2221",
            value -> value.isEmpty() || Arrays.stream(value.split(",", -1)).allMatch(LaunchOption::isNodeAddress),
            "the cluster that a new node joins by itself"),
    TLS(
            "DIRECTORY",
            "RAFT_TLS",
            "",
            "a path",
            LaunchOption::isPathOrNone,
            "where cert.pem, key.pem and ca.pem are; with it the HTTP port speaks HTTPS only"),
    CONTEXT_PATH(
            "PATH",
            "",
            "/",
            "a path with a slash in front and none at its end, such as /kv, or / alone",
            value -> value.matches("/|(/[A-Za-z0-9._~-]+)+"),
            "where all URLs of the node begin"),
    LOG_FORMAT(
            String.join("|", LogFormat.words()),
            "RAFT_LOG_FORMAT",
            LogFormat.TEXT.word(),
            String.join(" or ", LogFormat.words()),
            value -> LogFormat.words().contains(value.toLowerCase(Locale.ROOT)),
            "a log of lines to read, or of one JSON object per line"),
    CDS("make an archive of the classes beside the WAR, by which nodes start faster, and start none"),
    VERSION("print the version"),
    HELP("print this");

    private static final int MAX_PORT = 65_535;

    private final String placeholder;
    private final String setting;
    private final String byDefault;
    private final String accepts;
    private final Predicate<String> accepted;
    private final String help;

    /** An option without a value. */
    LaunchOption(String help) {
        this("", "", "", "", value -> false, help);
    }

    LaunchOption(
            String placeholder,
            String setting,
            String byDefault,
            String accepts,
            Predicate<String> accepted,
            String help) {
        this.placeholder = placeholder;
        this.setting = setting;
        this.byDefault = byDefault;
        this.accepts = accepts;
        this.accepted = accepted;
        this.help = help;
    }

    /** As it is written on the command line. */
    String flag() {
        return "--" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    boolean takesValue() {
        return !placeholder.isEmpty();
    }

    /** The setting that it stands for. */
    Optional<String> setting() {
        return Optional.of(setting).filter(name -> !name.isEmpty());
    }

    /** What holds without it, as users are shown it; empty if that is nothing. */
    String byDefault() {
        return byDefault;
    }

    boolean accepts(String value) {
        return accepted.test(value);
    }

    /** What it takes, to stand after "give". */
    String accepts() {
        return accepts;
    }

    /** What it is for, half a sentence. */
    String help() {
        return help;
    }

    /** The option with its value, as the help shows it. */
    String usage() {
        return takesValue() ? flag() + " " + placeholder : flag();
    }

    private static boolean isPort(String value) {
        return value.matches("[0-9]{1,5}") && Integer.parseInt(value) >= 1 && Integer.parseInt(value) <= MAX_PORT;
    }

    /** A number alone would be taken for an IPv4 address by Java, for a name by others. */
    private static boolean isHost(String value) {
        String bare = value.replaceFirst("^\\[(.*:.*)]$", "$1");
        try {
            return bare.matches("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
                    ? new URI("http://[" + bare + "]").getHost() != null
                    : bare.matches("[0-9A-Za-z.-]+")
                            && !bare.matches("[0-9]+")
                            && new URI("http://" + bare).getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static boolean isPathOrNone(String value) {
        try {
            return Path.of(value).toString().isEmpty() || !value.isBlank();
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static boolean isNodeAddress(String value) {
        try {
            URI uri = new URI(value.strip());
            return uri.getScheme() != null
                    && uri.getScheme().matches("(?i)https?")
                    && uri.getHost() != null
                    && !uri.getHost().matches("[0-9]+|0\\.0\\.0\\.0|\\[[0:]+(:0\\.0\\.0\\.0)?]")
                    && (uri.getPort() == -1 || isPort(Integer.toString(uri.getPort())))
                    && uri.getRawUserInfo() == null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null;
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
