package dev.raftkv.rest.browser;

import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Answers;
import dev.raftkv.rest.http.Replies;
import dev.raftkv.rest.request.Headers;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;

/**
 * Stands before all else and refuses what a page of another site makes a browser ask for: anything under a name that is not
 * this node's, and changes. Programs that are no browsers pass, and cost two looks at their header fields at most if they name
 * the node as it knows itself. Each answer is told what {@link Shield} says. Pages of sites that were named ({@link Origins}) may
 * ask for what the node's own may; they alone are answered here, whoever they are, when their browsers ask whether they may.
 *
 * <p>A browser is known by {@code Origin}, which it sends with each change, and by {@code Sec-Fetch-Site}; a read without
 * encryption has neither, but {@code Accept-Language}. No page can keep a browser from sending these. The HTTP client of
 * Node.js sends the last too, together with {@code Sec-Fetch-Mode}, which browsers send with {@code Sec-Fetch-Site} only.
 */
public final class Browsers implements Filter {
    private static final String FETCH_SITE = "Sec-Fetch-Site";
    private static final String FETCH_MODE = "Sec-Fetch-Mode";
    private static final String LANGUAGE = "Accept-Language";
    private static final int LONGEST_QUOTE = 100;

    private final Hosts hosts;
    private final Origins origins;
    private final Replies replies;
    private boolean shieldedByServer;

    /**
     * @param httpAddress where clients reach this node, an absolute URL
     * @param otherHosts further names by which browsers may reach it
     * @param otherOrigins the origins of other sites whose pages may use it, or {@code *} alone, which is all
     */
    public Browsers(String httpAddress, List<String> otherHosts, List<String> otherOrigins, Replies replies) {
        this.hosts = new Hosts(httpAddress, otherHosts);
        this.origins = new Origins(otherOrigins);
        this.replies = replies;
    }

    @Override
    public void init(FilterConfig config) {
        shieldedByServer = config.getServletContext().getAttribute(Shield.BY_SERVER) != null;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest received = (HttpServletRequest) request;
        HttpServletResponse answered = (HttpServletResponse) response;
        if (!shieldedByServer) {
            Shield.raise(answered);
        }
        boolean guest = !origins.areNone() && isGuest(received, answered);
        Answer refusal = isRead(received.getMethod()) ? refusalOfRead(received) : refusalOfChange(received, guest);
        if (refusal != null) {
            replies.take(received, answered, exchange -> exchange.answer(refusal));
        } else if (guest && Origins.isQuestion(received)) {
            replies.take(received, answered, exchange -> exchange.answer(Origins.yes()));
        } else {
            chain.doFilter(request, response);
        }
    }

    /** Whether a page of a site that was named asks, which then may read the answer. */
    private boolean isGuest(HttpServletRequest request, HttpServletResponse response) {
        String origin = request.getHeader(Headers.ORIGIN);
        boolean guest = origins.have(origin);
        Origins.mark(response);
        if (guest) {
            origins.open(response, origin);
        }
        return guest;
    }

    private static boolean isRead(String method) {
        return switch (method) {
            case "GET", "HEAD", "OPTIONS" -> true;
            default -> false;
        };
    }

    /** Pages of others cannot read what a browser fetches for them, as long as it asks by another name than theirs. */
    private Answer refusalOfRead(HttpServletRequest request) {
        String host = host(request);
        boolean browser = !hosts.areOurs(host)
                && (request.getHeader(Headers.ORIGIN) != null
                        || request.getHeader(FETCH_SITE) != null
                        || request.getHeader(LANGUAGE) != null && request.getHeader(FETCH_MODE) == null);
        return browser ? unknown(host) : null;
    }

    private Answer refusalOfChange(HttpServletRequest request, boolean guest) {
        String origin = request.getHeader(Headers.ORIGIN);
        String site = request.getHeader(FETCH_SITE);
        if (origin == null && site == null) {
            return null;
        }
        String host = host(request);
        if (!hosts.areOurs(host)) {
            return unknown(host);
        }
        boolean sameOrigin = origin == null || isAt(origin, host);
        boolean sameSite = site == null || site.equals("same-origin") || site.equals("none");
        if (sameOrigin && sameSite) {
            return null;
        }
        String page = origin == null ? "another site" : quote(origin);
        return guest ? Origins.wereAskedFor(request) ? null : unasked(page) : foreign(page, host);
    }

    /**
     * Whether an origin is at a host with the port of that, as browsers write both: neither has the usual port of its scheme.
     * The scheme may be another one, where a proxy ends the encryption.
     */
    private static boolean isAt(String origin, String host) {
        int begin = origin.indexOf("://") + 3;
        return begin >= 3
                && origin.length() - begin == host.length()
                && origin.regionMatches(true, begin, host, 0, host.length());
    }

    /** With HTTP/2 a server has it, and no header field of this name. */
    private static String host(HttpServletRequest request) {
        String host = request.getHeader(Headers.HOST);
        if (host != null) {
            return host;
        }
        String name = request.getServerName();
        int port = request.getServerPort();
        boolean usual = port == (request.isSecure() ? 443 : 80);
        return name == null ? "" : usual ? name : name + ":" + port;
    }

    private static Answer unknown(String host) {
        return Answers.problem(
                421,
                "a browser asked for " + quote(host) + ", which is no name of this node: if it is one, add it to"
                        + " RAFT_ALLOWED_HOSTS; use the host of RAFT_HTTP_ADDRESS or an IP address otherwise");
    }

    private static Answer foreign(String origin, String host) {
        return Answers.problem(
                403,
                "a page of " + origin + " asked for a change at " + quote(host)
                        + ": only this node's own pages may, and"
                        + " those whose origin is in RAFT_CORS_ORIGINS; a proxy before it has to pass the field Host on as it has come");
    }

    private static Answer unasked(String origin) {
        return Answers.problem(
                403,
                "a page of " + origin + " asked for a change as pages of any site can: send the field Content-Type:"
                        + " application/json, without a body too, so that the browser asks this node before");
    }

    private static String quote(String value) {
        return '"' + (value.length() <= LONGEST_QUOTE ? value : value.substring(0, LONGEST_QUOTE) + "...") + '"';
    }
}
