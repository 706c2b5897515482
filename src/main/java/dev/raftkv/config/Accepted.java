package dev.raftkv.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * The values that a setting takes.
 *
 * @param phrase says so to the user, after "give"
 * @param normal the value as it is used, or empty if it is not accepted
 */
record Accepted(String phrase, Function<String, Optional<String>> normal) {
    private static final String HOST = "a host name of letters, digits, hyphens and dots, or an IP address";

    static Accepted port() {
        return new Accepted("a port from 1 to 65535", value -> wholeNumber(value, 1, 65_535));
    }

    static Accepted number(long min, long max, String unit) {
        return new Accepted(
                "a whole number of " + unit + " from " + min + " to " + max, value -> wholeNumber(value, min, max));
    }

    static Accepted nodeId() {
        return new Accepted(
                "1 to 64 characters of A-Z a-z 0-9 . _ -",
                value -> Optional.of(value).filter(id -> id.matches("[A-Za-z0-9._-]{1,64}")));
    }

    /** A word that people choose, or none. */
    static Accepted once() {
        return new Accepted(
                "1 to 64 characters of A-Z a-z 0-9 . _ -, others than the last time",
                value -> Optional.of(value).filter(word -> word.matches("[A-Za-z0-9._-]{0,64}")));
    }

    static Accepted host() {
        return new Accepted(HOST, value -> Host.parse(value).map(Host::name));
    }

    static Accepted hostOrNone() {
        return new Accepted(
                HOST,
                value ->
                        value.isEmpty() ? Optional.of(value) : Host.parse(value).map(Host::name));
    }

    static Accepted reachableHost() {
        return new Accepted(
                HOST + " at which the others reach this node; to listen on all addresses, use RAFT_BIND_HOST",
                Accepted::reachable);
    }

    static Accepted directory() {
        return new Accepted("a directory for this node alone, outside the web application", Accepted::path);
    }

    static Accepted file() {
        return new Accepted("a path", Accepted::pathOrNone);
    }

    static Accepted auth() {
        return new Accepted("container, or the path of a file of tokens", Accepted::pathOrNone);
    }

    static Accepted hosts() {
        return new Accepted(
                "host names or IP addresses with commas between them", list -> each(list, Accepted::reachable));
    }

    static Accepted origins() {
        return new Accepted(
                "origins such as https://app.example.com and http://localhost:3000, without a path, with commas between them; or *"
                        + " alone, for the pages of all sites",
                list -> list.equals("*") ? Optional.of(list) : each(list, Accepted::origin));
    }

    static Accepted httpAddress() {
        return new Accepted(
                "an absolute http or https URL with a host that others reach, without user, query and fragment",
                Accepted::baseUrl);
    }

    static Accepted httpAddresses() {
        return new Accepted(
                "HTTP addresses of nodes, as in RAFT_HTTP_ADDRESS, with commas between them",
                list -> each(list, Accepted::baseUrl));
    }

    static Accepted oneOf(Enum<?>... constants) {
        return oneOf(Arrays.stream(constants)
                .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                .toList());
    }

    /** @param choice two or more words in small letters */
    static Accepted oneOf(List<String> choice) {
        String phrase =
                String.join(", ", choice.subList(0, choice.size() - 1)) + " or " + choice.get(choice.size() - 1);
        return new Accepted(
                phrase, value -> Optional.of(value.toLowerCase(Locale.ROOT)).filter(choice::contains));
    }

    private static Optional<String> wholeNumber(String value, long min, long max) {
        if (!value.matches("[0-9]{1,18}")) {
            return Optional.empty();
        }
        long number = Long.parseLong(value);
        return number < min || number > max ? Optional.empty() : Optional.of(Long.toString(number));
    }

    private static Optional<String> pathOrNone(String value) {
        return value.isEmpty() ? Optional.of(value) : path(value);
    }

    /** None, or some with commas between them, each of which is accepted. */
    private static Optional<String> each(String list, Function<String, Optional<String>> normal) {
        if (list.isEmpty()) {
            return Optional.of(list);
        }
        List<Optional<String>> used = Arrays.stream(list.split(",", -1))
                .map(one -> normal.apply(one.strip()))
                .toList();
        return used.stream().allMatch(Optional::isPresent)
                ? Optional.of(String.join(",", used.stream().map(Optional::get).toList()))
                : Optional.empty();
    }

    private static Optional<String> reachable(String value) {
        return Host.parse(value).filter(host -> !host.isWildcard()).map(Host::name);
    }

    private static Optional<String> path(String value) {
        if (value.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Path.of(value).normalize().toString());
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> baseUrl(String value) {
        return site(value).map(uri -> value.replaceFirst("/+$", ""));
    }

    /** As browsers write it: in small letters, and without the usual port of its scheme. */
    private static Optional<String> origin(String value) {
        return site(value).filter(uri -> uri.getRawPath().isEmpty()).map(uri -> {
            String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
            int usual = scheme.equals("https") ? 443 : 80;
            String port = uri.getPort() == -1 || uri.getPort() == usual ? "" : ":" + uri.getPort();
            return scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + port;
        });
    }

    /** An absolute http or https URL with a host that others reach, without user, query and fragment. */
    private static Optional<URI> site(String value) {
        URI uri;
        try {
            uri = new URI(value);
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
        boolean web = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
        boolean bare = uri.getRawUserInfo() == null && uri.getRawQuery() == null && uri.getRawFragment() == null;
        boolean port = uri.getPort() == -1 || (uri.getPort() >= 1 && uri.getPort() <= 65_535);
        boolean reachable = uri.getHost() != null && reachable(uri.getHost()).isPresent();
        return web && bare && port && reachable ? Optional.of(uri) : Optional.empty();
    }
}
