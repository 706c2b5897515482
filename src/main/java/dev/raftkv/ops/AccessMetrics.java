package dev.raftkv.ops;

import dev.raftkv.access.Refusals;
import dev.raftkv.access.Refusals.Reason;

/** How many requests were refused because of who asked. */
public final class AccessMetrics implements Source {
    private final Refusals refusals;

    public AccessMetrics(Refusals refusals) {
        this.refusals = refusals;
    }

    @Override
    public void write(Exposition out) {
        out.begin("raftkv_http_refused_total", Exposition.Type.COUNTER, "HTTP requests refused because of who asked.");
        for (Reason reason : Reason.values()) {
            out.sample(refusals.count(reason), "reason", reason.text());
        }
    }
}
