package dev.raftkv.rest.access;

import dev.raftkv.access.Asked;
import dev.raftkv.access.Caller;
import dev.raftkv.access.PassedOn;
import dev.raftkv.access.Refusals;
import dev.raftkv.access.SealRefusedException;
import dev.raftkv.access.Sealed;
import dev.raftkv.access.Seals;
import dev.raftkv.access.UserRole;
import dev.raftkv.model.KvException;
import dev.raftkv.rest.http.Replies;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Request;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/**
 * Stands before every way into the application and finds out who asks. Whoever shows no role gets no further, but to the few
 * paths that are open to all. What somebody may do is not decided here, where only a path is known, but where an operation begins.
 */
public final class Gate implements Filter {
    /** The attribute of the request with the {@link Caller}. */
    public static final String CALLER = Request.CALLER;

    private static final String CERTIFICATES = "jakarta.servlet.request.X509Certificate";

    private final Seals seals;
    private final Login login;
    private final Set<String> open;
    private final Replies replies;
    private final Refusals refusals;

    /**
     * @param seals by which other nodes show who they are
     * @param open the paths under the context root, with a slash in front, that are open to all; as they stand, so that whatever
     *     needs decoding is not among them
     */
    public Gate(Seals seals, Login login, Set<String> open, Replies replies, Refusals refusals) {
        this.seals = seals;
        this.login = login;
        this.open = Set.copyOf(open);
        this.replies = replies;
        this.refusals = refusals;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest asked = (HttpServletRequest) request;
        RuntimeException refusal = refusal(asked);
        if (refusal == null) {
            chain.doFilter(request, response);
        } else {
            replies.take(asked, (HttpServletResponse) response, exchange -> exchange.fail(refusal));
        }
    }

    /** Leaves the caller in the request. Returns why that one gets no further; null if it does. */
    private RuntimeException refusal(HttpServletRequest request) {
        Optional<Sealed> sealed;
        try {
            sealed = concernsNodes(request) ? seals.check(asked(request)) : Optional.empty();
        } catch (SealRefusedException e) {
            return refusals.noted(e, request.getRemoteAddr());
        }
        if (sealed.isPresent()) {
            request.setAttribute(Request.SEALED, sealed.get());
        }
        Login.Answer answer = login.who(replies.isForeign(request) ? new TokenRequest(request) : request);
        if (sealed.isPresent()) {
            boolean anybody = answer.caller().equals(Caller.ANYBODY);
            request.setAttribute(CALLER, anybody ? Caller.ANYBODY : sealed.get().caller());
            return null;
        }
        Caller caller = answer.caller();
        if (request.getHeader(Seals.CALLER) != null && hasSaidWho(caller)) {
            if (!isCertifiedNode(caller, request)) {
                return refusals.asksForOthers(caller, request.getRemoteAddr());
            }
            caller = PassedOn.by(caller.name(), asked(request));
            answer = Login.Answer.of(caller);
        }
        if (caller.roles().isEmpty() && !isOpen(request)) {
            return refusal(answer, request);
        }
        request.setAttribute(CALLER, caller);
        return null;
    }

    private static boolean concernsNodes(HttpServletRequest request) {
        return request.getHeader(Seals.HEADER) != null || request.getHeader(Seals.CLUSTER) != null;
    }

    private static Asked asked(HttpServletRequest request) {
        return new Asked(request.getMethod(), Request.target(request), name -> Request.lines(request, name));
    }

    /** Where nobody has to, the field says nothing: a follower sends it there, too. */
    private static boolean hasSaidWho(Caller caller) {
        return !caller.equals(Caller.NOBODY) && !caller.equals(Caller.ANYBODY);
    }

    /** Whether it is a node that has shown its certificate, and not only a token: it may say for whom it asks. */
    private static boolean isCertifiedNode(Caller caller, HttpServletRequest request) {
        return caller.roles().contains(UserRole.NODE)
                && request.getAttribute(CERTIFICATES) != null
                && request.getHeader(Headers.AUTHORIZATION) == null;
    }

    private KvException refusal(Login.Answer answer, HttpServletRequest request) {
        String address = request.getRemoteAddr();
        if (answer.equals(Login.Answer.NOBODY) && Seals.AGENT.equals(request.getHeader(Headers.USER_AGENT))) {
            return refusals.unknownNode(address);
        }
        return answer.wrong()
                .map(name -> refusals.wrongCredentials(name, address))
                .orElseGet(() -> refusals.lacksAll(answer.caller(), address));
    }

    private boolean isOpen(HttpServletRequest request) {
        String uri = request.getRequestURI();
        String context = request.getContextPath();
        return uri.startsWith(context) && open.contains(uri.substring(context.length()));
    }
}
