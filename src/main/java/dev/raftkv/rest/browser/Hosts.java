package dev.raftkv.rest.browser;

import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The hosts by which browsers may know this node: IP addresses, {@code localhost}, and names that it was given. A page whose
 * own name is suddenly resolved to the address of a node asks it by that name, so that names which nobody gave to the node are
 * not its own. An address needs no look-up: whoever asks by one has meant this machine, or the proxy before it.
 */
final class Hosts {
    private static final String LOCALHOST = "localhost";
    private static final int PARTS_OF_IPV4 = 4;

    private final Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

    /** What was found to be ours last: nearly all requests have the same. */
    private volatile String last = LOCALHOST;

    /**
     * @param httpAddress the node's, an absolute URL
     * @param others further names
     */
    Hosts(String httpAddress, List<String> others) {
        names.add(LOCALHOST);
        names.add(withoutLastDot(URI.create(httpAddress).getHost()));
        others.forEach(name -> names.add(withoutLastDot(name)));
    }

    /** @param host as in the header field: a name or an address, in brackets if it is of IPv6, perhaps with a port */
    boolean areOurs(String host) {
        if (host.equals(last)) {
            return true;
        }
        if (!isOurs(host)) {
            return false;
        }
        last = host;
        return true;
    }

    private boolean isOurs(String host) {
        if (host.startsWith("[")) {
            int end = host.indexOf(']');
            return end > 0 && isIpv6(host.substring(1, end)) && isPortOrNothing(host, end + 1);
        }
        int colon = host.indexOf(':');
        int end = colon < 0 ? host.length() : colon;
        String name = host.substring(0, end);
        return isPortOrNothing(host, end) && (names.contains(withoutLastDot(name)) || isIpv4(name));
    }

    private static boolean isPortOrNothing(String host, int from) {
        return from == host.length()
                || host.charAt(from) == ':' && host.chars().skip(from + 1L).allMatch(c -> c >= '0' && c <= '9');
    }

    /** As browsers write it: they send no other form. */
    private static boolean isIpv4(String name) {
        int parts = 1;
        int digits = 0;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '.' && digits > 0) {
                parts++;
                digits = 0;
            } else if (c >= '0' && c <= '9' && digits < 3) {
                digits++;
            } else {
                return false;
            }
        }
        return parts == PARTS_OF_IPV4 && digits > 0;
    }

    private static boolean isIpv6(String name) {
        return name.indexOf(':') >= 0
                && name.chars()
                        .allMatch(c -> c == ':'
                                || c == '.'
                                || c >= '0' && c <= '9'
                                || c >= 'a' && c <= 'f'
                                || c >= 'A' && c <= 'F');
    }

    /** A name with a dot at its end is the same. */
    private static String withoutLastDot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }
}
