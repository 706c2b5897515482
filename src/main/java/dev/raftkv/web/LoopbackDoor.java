package dev.raftkv.web;

import dev.raftkv.config.Exposure;
import dev.raftkv.rest.json.ProblemJson;
import dev.raftkv.rest.request.Headers;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Enumeration;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets in what this machine itself asks for: a web application cannot see where its server listens before somebody comes. A proxy
 * on this machine passes for callers of this machine only, as far as it says for whom it asks. One that does not say it cannot be
 * told from a caller.
 */
final class LoopbackDoor implements Filter {
    private static final Logger LOG = LoggerFactory.getLogger(LoopbackDoor.class);

    private static final String FORWARDED_FOR = "for=";
    private static final Pattern WITH_PORT = Pattern.compile("\"?(?<host>[0-9.]+|\\[[^]]*])(?::\\w+)?\"?");
    private static final Pattern LOOPBACK_4 = Pattern.compile("127(?:\\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}");

    /** With a colon in it, as what else looks like this might be a name. */
    private static final Pattern NUMBER_6 = Pattern.compile("\\[?[0-9A-Fa-f:][0-9A-Fa-f:.]*]?");

    /** The last address, as there are few and each request has one. */
    private volatile Seen last = new Seen("127.0.0.1", true);

    private volatile boolean told;

    private record Seen(String address, boolean loopback) {}

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        boolean own = isOwn(request.getLocalAddr()) && isOwn(request.getRemoteAddr());
        if (own && isForOwn((HttpServletRequest) request)) {
            chain.doFilter(request, response);
            return;
        }
        if (!told) {
            told = true;
            LOG.warn("a request {} was refused: {}", own ? "for others, by a proxy," : "of others", Exposure.refusal());
        }
        refuse((HttpServletResponse) response);
    }

    /** Whether it is this machine's. None: a socket of the file system, which is. */
    private boolean isOwn(String address) {
        return address == null || address.isEmpty() || isLoopback(address);
    }

    private boolean isLoopback(String address) {
        Seen seen = last;
        if (!address.equals(seen.address())) {
            seen = new Seen(address, isNumberOfLoopback(address));
            last = seen;
        }
        return seen.loopback();
    }

    private static boolean isForOwn(HttpServletRequest request) {
        return all(request, "X-Forwarded-For", LoopbackDoor::isLoopbackNode)
                && all(request, "X-Real-IP", LoopbackDoor::isLoopbackNode)
                && all(request, "Forwarded", LoopbackDoor::isForLoopback);
    }

    /** Whether the condition holds for all that a proxy says there, if there is one: each on the way adds something. */
    private static boolean all(HttpServletRequest request, String header, Predicate<String> condition) {
        if (request.getHeader(header) == null) {
            return true;
        }
        for (Enumeration<String> lines = request.getHeaders(header); lines.hasMoreElements(); ) {
            for (String part : lines.nextElement().split(",", -1)) {
                if (!condition.test(part.strip())) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Of RFC 7239, such as {@code for="[2001:db8::1]:4711";proto=http}. Who does not say for whom may ask for anybody. */
    private static boolean isForLoopback(String element) {
        boolean said = false;
        for (String pair : element.split(";", -1)) {
            String word = pair.strip();
            if (word.regionMatches(true, 0, FORWARDED_FOR, 0, FORWARDED_FOR.length())) {
                if (!isLoopbackNode(word.substring(FORWARDED_FOR.length()))) {
                    return false;
                }
                said = true;
            }
        }
        return said;
    }

    /** A proxy may add the port, and quotes. */
    private static boolean isLoopbackNode(String node) {
        Matcher parts = WITH_PORT.matcher(node);
        return isNumberOfLoopback(parts.matches() ? parts.group("host") : node);
    }

    /** Nothing is looked up: it is a number, and if it is none, nobody knows what it is. */
    private static boolean isNumberOfLoopback(String found) {
        if (LOOPBACK_4.matcher(found).matches()) {
            return true;
        }
        // Its zone is the name of the network card, which the JDK would look for.
        String address = found.replaceFirst("%[^\\]]*", "");
        try {
            return address.indexOf(':') >= 0
                    && NUMBER_6.matcher(address).matches()
                    && InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static void refuse(HttpServletResponse response) throws IOException {
        byte[] body = ProblemJson.bytes(HttpServletResponse.SC_FORBIDDEN, "Forbidden", Exposure.refusal());
        response.setStatus(HttpServletResponse.SC_FORBIDDEN);
        response.setContentType("application/problem+json");
        response.setHeader(Headers.CACHE_CONTROL, "no-store");
        // A body that is still to come is not read.
        response.setHeader(Headers.CONNECTION, "close");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
