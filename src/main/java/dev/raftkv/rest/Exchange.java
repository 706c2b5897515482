package dev.raftkv.rest;

import dev.raftkv.ops.HttpMeter;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A request that is answered later, by another thread than the one that it came on. */
final class Exchange {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private final long came = System.nanoTime();
    private final AsyncContext context;
    private final HttpMeter.Endpoint meter;
    private final Fallback fallback;

    private Exchange(AsyncContext context, HttpMeter.Endpoint meter, Fallback fallback) {
        this.context = context;
        this.meter = meter;
        this.fallback = fallback;
    }

    /**
     * @param meter is told when the request is answered
     * @param fallback answers when that fails
     */
    static Exchange begin(HttpServletRequest request, HttpMeter.Endpoint meter, Fallback fallback) {
        AsyncContext context = request.startAsync();
        // The answer has deadlines of its own.
        context.setTimeout(0);
        return new Exchange(context, meter, fallback);
    }

    HttpServletResponse response() {
        return (HttpServletResponse) context.getResponse();
    }

    /** Writes an answer. */
    interface Writing {
        void run() throws IOException;
    }

    /** Answers; once. */
    void end(Writing writing) {
        try {
            answer(writing);
        } catch (IOException e) {
            LOG.debug("a client has gone before it was answered", e);
        } finally {
            meter.record(response().getStatus(), System.nanoTime() - came);
            context.complete();
        }
    }

    private void answer(Writing writing) throws IOException {
        try {
            writing.run();
        } catch (RuntimeException | Error e) {
            fallback.answer(e, response());
        }
    }
}
