package dev.raftkv.model;

import java.util.Optional;

/**
 * Where Raft traffic reaches a node.
 *
 * @param host name or IP address; an IPv6 address stands without brackets
 * @param port 1 to 65535
 */
public record Address(String host, int port) {
    public Address {
        if (host.isBlank() || port < 1 || port > 65535) {
            throw new IllegalArgumentException("no address: " + host + ":" + port);
        }
    }

    /** The address written as {@code host:port} or {@code [ipv6]:port}; empty if the text is none. */
    public static Optional<Address> parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1 || !text.substring(colon + 1).matches("[0-9]{1,5}")) {
            return Optional.empty();
        }
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        host = bracketed ? host.substring(1, host.length() - 1) : host;
        int port = Integer.parseInt(text.substring(colon + 1));
        boolean valid = host.matches("[0-9A-Za-z._-]+") || (bracketed && host.matches("[0-9A-Fa-f:.%]+"));
        return valid && port >= 1 && port <= 65535 ? Optional.of(new Address(host, port)) : Optional.empty();
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
