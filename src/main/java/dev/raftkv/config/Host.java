package dev.raftkv.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/**
 * A host name or an IP address, which nobody looks up here.
 *
 * @param name an IPv6 address stands without brackets
 */
record Host(String name) {

    /** The host that the text names, an IPv6 address with or without brackets; empty if it is none. */
    static Optional<Host> parse(String text) {
        boolean bracketed = text.startsWith("[") && text.endsWith("]");
        String name = bracketed ? text.substring(1, text.length() - 1) : text;
        boolean ipv6 = name.indexOf(':') >= 0;
        boolean plausible = ipv6 ? name.matches("[0-9A-Fa-f:.]+") : !bracketed && name.matches("[0-9A-Za-z.-]+");
        // A number alone would be taken for an IPv4 address by Java, for a host name by others.
        if (!plausible || name.matches("[0-9]+")) {
            return Optional.empty();
        }
        Host host = new Host(name);
        return host.isValidInUrl() ? Optional.of(host) : Optional.empty();
    }

    /** As it stands in a URL and before a port: an IPv6 address in brackets. */
    String inUrl() {
        return name.indexOf(':') >= 0 ? "[" + name + "]" : name;
    }

    /** Whether it means all addresses of a machine, and so none that others can reach. */
    boolean isWildcard() {
        return name.equals("0.0.0.0") || name.matches("[0:]+(:0\\.0\\.0\\.0)?");
    }

    private boolean isValidInUrl() {
        try {
            return new URI("http://" + inUrl()).getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
