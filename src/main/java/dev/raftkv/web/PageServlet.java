package dev.raftkv.web;

import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Answers;
import dev.raftkv.rest.http.Replies;
import dev.raftkv.rest.request.Headers;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/**
 * The node's page, the API's page and what they consist of. A servlet of our own for a list of files, and not the container's:
 * so nothing else that lies in the WAR can be asked for, and every container sends the same headers.
 */
final class PageServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private static final String HTML = "text/html;charset=UTF-8";
    private static final String CSS = "text/css;charset=UTF-8";
    private static final String SCRIPT = "text/javascript;charset=UTF-8";

    /** Where each file of the web application is found. */
    private static final Map<String, Source> SOURCES = Map.ofEntries(
            Map.entry("/", new Source("/index.html", HTML)),
            Map.entry("/page.css", new Source("/page.css", CSS)),
            script("/page.js"),
            script("/parts.js"),
            script("/members.js"),
            script("/keys.js"),
            script("/backup.js"),
            script("/inside.js"),
            script("/events.js"),
            Map.entry("/icon.svg", new Source("/icon.svg", "image/svg+xml")),
            Map.entry("/api/", new Source("/api/index.html", HTML)),
            script("/api/api.js"),
            Map.entry("/openapi.json", new Source("/openapi.json", "application/json")));

    /** The API's page without its slash, which its relative URLs need. */
    private static final String API = "/api";

    /** Nothing from elsewhere, nothing inline, no markup made of text, no page of others around ours. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
            + " require-trusted-types-for 'script'";

    /** The URL patterns to map it to; the empty one is the context root. */
    static final String[] PATHS = patterns();

    /** The paths, as they are asked for: none of them shows anything of the store. */
    static final Set<String> OPEN = open();

    private final transient Replies replies;
    private final transient Map<String, File> files = new HashMap<>();

    PageServlet(Replies replies) {
        this.replies = replies;
    }

    private record Source(String file, String type) {}

    private static Map.Entry<String, Source> script(String path) {
        return Map.entry(path, new Source(path, SCRIPT));
    }

    private record File(byte[] content, String type, String tag) {}

    private static String[] patterns() {
        String[] paths = SOURCES.keySet().toArray(new String[SOURCES.size() + 1]);
        paths[SOURCES.size()] = API;
        for (int i = 0; i < paths.length; i++) {
            paths[i] = paths[i].equals("/") ? "" : paths[i];
        }
        return paths;
    }

    private static Set<String> open() {
        Set<String> paths = new HashSet<>(SOURCES.keySet());
        paths.add(API);
        return Set.copyOf(paths);
    }

    /** They are small, and read once. */
    @Override
    public void init() {
        SOURCES.forEach((path, source) -> {
            try (InputStream content = getServletContext().getResourceAsStream(source.file())) {
                if (content == null) {
                    throw new FileNotFoundException(source.file());
                }
                byte[] bytes = content.readAllBytes();
                files.put(path, new File(bytes, source.type(), tag(bytes)));
            } catch (IOException e) {
                throw new IllegalStateException("the web application lacks a file", e);
            }
        });
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        // Jetty throws where it is asked for the path of a URL with %2F; the pattern is the same, as all are paths.
        String pattern = request.getHttpServletMapping().getPattern();
        Answer answer =
                answer(request, pattern.isEmpty() ? "/" : pattern).header(Headers.CONTENT_SECURITY_POLICY, POLICY);
        // Without any, browsers would send "null" as the origin of some requests of the page.
        response.setHeader(Headers.REFERRER_POLICY, "same-origin");
        replies.take(request, response, exchange -> exchange.answer(answer));
    }

    private Answer answer(HttpServletRequest request, String path) {
        if (!request.getMethod().equals("GET") && !request.getMethod().equals("HEAD")) {
            return Answers.problem(405, "this path does not take this method: it takes GET, HEAD")
                    .header(Headers.ALLOW, "GET, HEAD");
        }
        if (path.equals(API)) {
            // Relative, as only the client knows the URL of the context behind a proxy.
            return Answer.empty(HttpServletResponse.SC_MOVED_PERMANENTLY).header(Headers.LOCATION, "api/");
        }
        File file = files.get(path);
        Answer answer = file.tag().equals(request.getHeader(Headers.IF_NONE_MATCH))
                ? Answer.empty(HttpServletResponse.SC_NOT_MODIFIED)
                : Answer.of(HttpServletResponse.SC_OK, file.type(), file.content());
        return answer.header(Headers.CACHE_CONTROL, "no-cache").header(Headers.ETAG, file.tag());
    }

    private static String tag(byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return "\"" + HexFormat.of().formatHex(digest, 0, 8) + "\"";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
