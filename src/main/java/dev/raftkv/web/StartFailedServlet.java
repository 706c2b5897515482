package dev.raftkv.web;

import dev.raftkv.rest.browser.Shield;
import dev.raftkv.rest.json.ProblemJson;
import dev.raftkv.rest.request.Headers;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Answers for a node that did not start: 503 with the reason, whatever the URL and the method. */
final class StartFailedServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    /** Somebody has to mend something before. */
    private static final String RETRY_SECONDS = "60";

    private final String reason;

    /** @param reason a sentence for the user that says what to do */
    StartFailedServlet(String reason) {
        this.reason = reason;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        byte[] body = ProblemJson.bytes(HttpServletResponse.SC_SERVICE_UNAVAILABLE, "Service Unavailable", reason);
        response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        Shield.raise(response);
        response.setContentType("application/problem+json");
        response.setHeader(Headers.CACHE_CONTROL, "no-store");
        response.setHeader(Headers.RETRY_AFTER, RETRY_SECONDS);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
