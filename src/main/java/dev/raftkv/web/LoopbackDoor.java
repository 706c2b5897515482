package dev.raftkv.web;

import dev.raftkv.config.Exposure;
import dev.raftkv.rest.json.ProblemJson;
import dev.raftkv.rest.request.Headers;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets in what has come by an address of this machine alone: a web application cannot see where its server listens before
 * somebody comes. A proxy on this machine passes.
 */
final class LoopbackDoor implements Filter {
    private static final Logger LOG = LoggerFactory.getLogger(LoopbackDoor.class);

    /** The last address, as there are few and each request has one. */
    private volatile Seen last = new Seen("127.0.0.1", true);

    private volatile boolean told;

    private record Seen(String address, boolean loopback) {}

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        String address = request.getLocalAddr();
        // None: a socket of the file system, which is this machine's.
        if (address == null || address.isEmpty() || isLoopback(address)) {
            chain.doFilter(request, response);
            return;
        }
        if (!told) {
            told = true;
            LOG.warn("a request at {} was refused: {}", address, Exposure.refusal());
        }
        refuse((HttpServletResponse) response);
    }

    private boolean isLoopback(String address) {
        Seen seen = last;
        if (!address.equals(seen.address())) {
            seen = new Seen(address, isNumberOfLoopback(address));
            last = seen;
        }
        return seen.loopback();
    }

    /** Nothing is looked up: it is a number, and if it is none, nobody knows what it is. */
    private static boolean isNumberOfLoopback(String found) {
        // Its zone is the name of the network card, which the JDK would look for.
        String address = found.replaceFirst("%[^\\]]*", "");
        try {
            return address.matches("[0-9.]+|\\[?[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*]?")
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
