package dev.raftkv.rest.access;

import dev.raftkv.access.Caller;
import dev.raftkv.access.Refusals;
import dev.raftkv.model.KvException;
import dev.raftkv.rest.http.Replies;
import dev.raftkv.rest.request.Request;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;

/**
 * Stands before every way into the application and finds out who asks. Whoever shows no role gets no further, but to the few
 * paths that are open to all. What somebody may do is not decided here, where only a path is known, but where an operation begins.
 */
public final class Gate implements Filter {
    /** The attribute of the request with the {@link Caller}. */
    public static final String CALLER = Request.CALLER;

    private final Login login;
    private final Set<String> open;
    private final Replies replies;
    private final Refusals refusals;

    /**
     * @param open the paths under the context root, with a slash in front, that are open to all; as they stand, so that whatever
     *     needs decoding is not among them
     */
    public Gate(Login login, Set<String> open, Replies replies, Refusals refusals) {
        this.login = login;
        this.open = Set.copyOf(open);
        this.replies = replies;
        this.refusals = refusals;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest asked = (HttpServletRequest) request;
        Login.Answer answer = login.who(asked);
        if (answer.caller().roles().isEmpty() && !isOpen(asked)) {
            KvException refusal = refusal(answer, asked.getRemoteAddr());
            replies.take(asked, (HttpServletResponse) response, exchange -> exchange.fail(refusal));
            return;
        }
        request.setAttribute(CALLER, answer.caller());
        chain.doFilter(request, response);
    }

    private KvException refusal(Login.Answer answer, String address) {
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
