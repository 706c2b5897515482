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
                value -> Host.parse(value).filter(host -> !host.isWildcard()).map(Host::name));
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
        return new Accepted("host names or IP addresses with commas between them", Accepted::hostList);
    }

    static Accepted httpAddress() {
        return new Accepted(
                "an absolute http or https URL with a host that others reach, without user, query and fragment",
                Accepted::baseUrl);
    }

    static Accepted httpAddresses() {
        return new Accepted(
                "HTTP addresses of nodes, as in RAFT_HTTP_ADDRESS, with commas between them", Accepted::baseUrls);
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

    private static Optional<String> hostList(String list) {
        if (list.isEmpty()) {
            return Optional.of(list);
        }
        List<Optional<String>> hosts = Arrays.stream(list.split(",", -1))
                .map(host -> Host.parse(host.strip()).filter(one -> !one.isWildcard()))
                .map(host -> host.map(Host::name))
                .toList();
        return hosts.stream().allMatch(Optional::isPresent)
                ? Optional.of(String.join(",", hosts.stream().map(Optional::get).toList()))
                : Optional.empty();
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

    private static Optional<String> baseUrls(String list) {
        if (list.isEmpty()) {
            return Optional.of(list);
        }
        List<Optional<String>> urls = Arrays.stream(list.split(",", -1))
                .map(url -> baseUrl(url.strip()))
                .toList();
        return urls.stream().allMatch(Optional::isPresent)
                ? Optional.of(String.join(",", urls.stream().map(Optional::get).toList()))
                : Optional.empty();
    }

    private static Optional<String> baseUrl(String value) {
        URI uri;
        try {
            uri = new URI(value);
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
        boolean web = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
        boolean bare = uri.getRawUserInfo() == null && uri.getRawQuery() == null && uri.getRawFragment() == null;
        boolean port = uri.getPort() == -1 || (uri.getPort() >= 1 && uri.getPort() <= 65_535);
        boolean reachable = uri.getHost() != null
                && Host.parse(uri.getHost()).filter(host -> !host.isWildcard()).isPresent();
        return web && bare && port && reachable ? Optional.of(value.replaceFirst("/+$", "")) : Optional.empty();
    }
}
