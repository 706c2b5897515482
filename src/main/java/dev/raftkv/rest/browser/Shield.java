package dev.raftkv.rest.browser;

import dev.raftkv.rest.request.Headers;
import jakarta.servlet.http.HttpServletResponse;

/** What every answer tells a browser: to take it for what it says it is, and to show it in no page of another site. */
public final class Shield {
    /**
     * The attribute of the context by which a server says that all its answers have these header fields, those too that the
     * web application does not see.
     */
    static final String BY_SERVER = "dev.raftkv.shield";

    private Shield() {}

    /** Sets the header fields of an answer that has none yet, or some of them. */
    public static void raise(HttpServletResponse response) {
        response.setHeader(Headers.CONTENT_TYPE_OPTIONS, "nosniff");
        response.setHeader(Headers.CONTENT_SECURITY_POLICY, "frame-ancestors 'none'");
        response.setHeader(Headers.RESOURCE_POLICY, "same-origin");
        response.setHeader(Headers.REFERRER_POLICY, "no-referrer");
    }
}
