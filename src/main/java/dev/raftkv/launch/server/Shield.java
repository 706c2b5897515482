package dev.raftkv.launch.server;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;

/**
 * What every answer tells a browser, encoded once: to take it for what it says it is, and to show it in no page of another site.
 * The web application says the same in other servers, and leaves it to this one here.
 */
final class Shield implements HttpConfiguration.Customizer {
    private static final HttpField[] FIELDS = {
        new PreEncodedHttpField("X-Content-Type-Options", "nosniff"),
        new PreEncodedHttpField("Content-Security-Policy", "frame-ancestors 'none'"),
        new PreEncodedHttpField("Cross-Origin-Resource-Policy", "same-origin"),
        new PreEncodedHttpField("Referrer-Policy", "no-referrer")
    };

    @Override
    public Request customize(Request request, HttpFields.Mutable responseHeaders) {
        for (HttpField field : FIELDS) {
            responseHeaders.add(field);
        }
        return request;
    }

    /** The same for an answer that may have them. */
    static void raise(HttpFields.Mutable responseHeaders) {
        for (HttpField field : FIELDS) {
            responseHeaders.put(field);
        }
    }
}
