package dev.raftkv.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import javax.net.ssl.SSLContext;

/** Requests as {@code curl} sends them. Every failure to get an answer is an IOException, a time-out too. */
public final class Http {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(2);

    /** More than a request needs that comes to a follower while the leader changes. */
    private static final int HOPS = 5;

    private static final int TEMPORARY_REDIRECT = 307;

    private final Access access;
    private final HttpClient.Redirect redirect;
    private final HttpClient client;
    private final Duration limit;

    private Http(Access access, HttpClient.Redirect redirect, Duration limit) {
        this.access = access;
        this.redirect = redirect;
        this.client = access.client()
                .connectTimeout(CONNECT_LIMIT)
                .followRedirects(redirect)
                .build();
        this.limit = limit;
    }

    /** A client that hands redirects out, with this limit for an answer. */
    public static Http plain(Duration limit) {
        return new Http(Access.OPEN, HttpClient.Redirect.NEVER, limit);
    }

    /** The same, with certificates of its own for https. */
    public static Http trusting(SSLContext certificates, Duration limit) {
        return new Http(Access.trusting(certificates), HttpClient.Redirect.NEVER, limit);
    }

    /** A client like {@code curl --location}, with this limit for an answer. */
    public static Http following(Duration limit) {
        return new Http(Access.OPEN, HttpClient.Redirect.NORMAL, limit);
    }

    /** The same for nodes that want to know who asks. Also like {@code curl --location-trusted}, if it was like that. */
    public Http with(Access other) {
        return new Http(other, redirect, limit);
    }

    /**
     * What came back.
     *
     * @param uri where it came from: behind redirects, not what was asked for
     */
    public record Reply(URI uri, int status, HttpHeaders headers, String text) {
        /** The body as JSON. */
        public JsonNode json() throws IOException {
            return JSON.readTree(text);
        }

        @Override
        public String toString() {
            return status + " " + text.strip();
        }
    }

    /** @param headers names and values in turn */
    public Reply delete(String url, String... headers) throws IOException {
        return send("DELETE", url, BodyPublishers.noBody(), headers);
    }

    /** @param headers names and values in turn */
    public Reply post(String url, String json, String... headers) throws IOException {
        return send("POST", url, BodyPublishers.ofString(json), headers);
    }

    /** @param headers names and values in turn */
    public Reply put(String url, String json, String... headers) throws IOException {
        return send("PUT", url, BodyPublishers.ofString(json), headers);
    }

    /** @param headers names and values in turn */
    public Reply get(String url, String... headers) throws IOException {
        return send("GET", url, BodyPublishers.noBody(), headers);
    }

    /** @param headers names and values in turn */
    public Reply head(String url, String... headers) throws IOException {
        return send("HEAD", url, BodyPublishers.noBody(), headers);
    }

    private Reply send(String method, String url, BodyPublisher body, String... headers) throws IOException {
        Reply reply = sendOnce(method, url, body, headers);
        boolean follow = access != Access.OPEN && redirect != HttpClient.Redirect.NEVER;
        // The client of the JDK would not show to the one what is meant for the other.
        for (int hop = 0; follow && reply.status() == TEMPORARY_REDIRECT && hop < HOPS; hop++) {
            reply = sendOnce(method, reply.headers().firstValue("Location").orElseThrow(), body, headers);
        }
        return reply;
    }

    private Reply sendOnce(String method, String url, BodyPublisher body, String... headers) throws IOException {
        HttpRequest.Builder builder = access.request(URI.create(url))
                .timeout(limit)
                .header("Content-Type", "application/json")
                .method(method, body);
        HttpRequest request =
                headers.length == 0 ? builder.build() : builder.headers(headers).build();
        try {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            return new Reply(response.uri(), response.statusCode(), response.headers(), response.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + url, e);
        }
    }
}
