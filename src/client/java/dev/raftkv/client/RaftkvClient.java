package dev.raftkv.client;

import dev.raftkv.client.Call.Ask;
import dev.raftkv.client.Call.Course;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

/**
 * Reads and writes keys of a cluster. Each call is sent, to one node after the other where that helps, until it is done or refused,
 * or its deadline has passed; each write has a name of its own, by which the cluster makes it once. Values are JSON texts, and are
 * given back as they were stored. Keys and limits are those of the README.
 *
 * <p>A call throws {@link RaftkvException} if it was refused or not done in time, and {@link UnknownOutcomeException} if it is a
 * write that may have been done all the same. An interrupt ends it in the same way; the thread stays interrupted.
 *
 * <p>The cluster remembers the latest 10,000 writes that have names. So deadlines have to be shorter than the time in which all
 * clients together make so many.
 */
public final class RaftkvClient {
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static final Pattern TAG = Pattern.compile("(?:W/)?\"(\\d+)\\b.*\"");
    private static final Pattern NEXT = Pattern.compile("<\\?(?:.*&)?after=([^&>]*).*>; *rel=\"next\"");

    private final List<URI> nodes;
    private final HttpClient http;
    private final List<String> credentials;
    private final Duration deadline;
    private final Level level;
    private final Memory memory;

    /** How current a read must be. */
    public enum Level {
        /** What a node has, which is all that this client has written and read, and perhaps less than others have. The cheapest. */
        EVENTUAL,
        /** What the leader has, under its lease. */
        LEADER,
        /** All that was acknowledged before, to whomever. */
        LINEARIZABLE
    }

    /**
     * A key that is there.
     *
     * @param value a JSON text
     * @param revision that of its last change
     */
    public record Entry(String key, String value, long revision) {}

    /**
     * A part of a list.
     *
     * @param entries at most 100, in the order of the keys' bytes in UTF-8
     * @param next after which key the next page begins; empty: this is the last one
     */
    public record Page(List<Entry> entries, Optional<String> next) {}

    /** What a client and those made of it have learned. */
    private record Memory(Course leader, Course any, AtomicLong revision) {
        Memory() {
            this(new Course(), new Course(), new AtomicLong());
        }
    }

    private RaftkvClient(
            List<URI> nodes, HttpClient http, List<String> credentials, Duration deadline, Level level, Memory memory) {
        this.nodes = nodes;
        this.http = http;
        this.credentials = credentials;
        this.deadline = deadline;
        this.level = level;
        this.memory = memory;
    }

    /**
     * A client of the cluster of these nodes, with a deadline of 20 seconds and linearizable reads.
     *
     * @param nodes their addresses, best as their {@code RAFT_HTTP_ADDRESS} has them; the nearest first
     * @throws IllegalArgumentException if there is none, or one is no http or https address without user, query and fragment
     */
    public static RaftkvClient of(List<URI> nodes) {
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("name one node at least");
        }
        List<URI> addresses = nodes.stream().map(RaftkvClient::address).toList();
        return new RaftkvClient(addresses, http(), List.of(), DEADLINE, Level.LINEARIZABLE, new Memory());
    }

    private static URI address(URI node) {
        String scheme = String.valueOf(node.getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")
                || node.getHost() == null
                || node.getRawUserInfo() != null
                || node.getRawQuery() != null
                || node.getRawFragment() != null) {
            throw new IllegalArgumentException(node
                    + " is no node's address: give one such as http://node1:8080, without user, query and fragment");
        }
        return URI.create(node.toString().replaceAll("/+$", ""));
    }

    private static HttpClient http(SSLContext... tls) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT);
        for (SSLContext each : tls) {
            builder.sslContext(each);
        }
        return builder.build();
    }

    /**
     * The same client, which shows this token to the nodes that it was given, and to nobody else: where one of them sends it to
     * another address, it asks that node to pass the request on. Without https it can be read on the way.
     */
    public RaftkvClient withToken(String token) {
        List<String> shown = List.of("Authorization", "Bearer " + token);
        return new RaftkvClient(nodes, http, shown, deadline, level, memory);
    }

    /** The same client, with this for https: whom to trust, and the certificate to show if there is one. It has connections of its own. */
    public RaftkvClient withTls(SSLContext tls) {
        return new RaftkvClient(nodes, http(Objects.requireNonNull(tls)), credentials, deadline, level, memory);
    }

    /**
     * The same client, on the same connections, whose calls take so long at most. A node that stands still is given a third of it, so
     * it is best more than three times {@code RAFT_WRITE_TIMEOUT_MS}.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public RaftkvClient withDeadline(Duration longest) {
        if (longest.isNegative() || longest.isZero()) {
            throw new IllegalArgumentException("a deadline of " + longest + " is over");
        }
        return new RaftkvClient(nodes, http, credentials, longest, level, memory);
    }

    /** The same client, on the same connections, with reads that are so current. */
    public RaftkvClient withReads(Level current) {
        return new RaftkvClient(nodes, http, credentials, deadline, Objects.requireNonNull(current), memory);
    }

    /** The key as it is; empty if it is not there. */
    public Optional<Entry> get(String key) throws RaftkvException {
        HttpResponse<String> answer = read("/store?raw&key=" + encode(key));
        return answer.statusCode() == 404
                ? Optional.empty()
                : Optional.of(new Entry(key, answer.body(), number(answer, "ETag", TAG)));
    }

    /**
     * Stores a value, whatever was there; the key then has no time to live.
     *
     * @param value a JSON text
     * @return the revision of this change
     */
    public long put(String key, String value) throws RaftkvException {
        return revision(write("PUT", "/store?key=" + encode(key), value));
    }

    /**
     * Stores a value that goes after a time, never earlier.
     *
     * @param timeToLive whole seconds, one at least
     * @return the revision of this change
     */
    public long put(String key, String value, Duration timeToLive) throws RaftkvException {
        return revision(write("PUT", "/store?ttl=" + timeToLive.toSeconds() + "&key=" + encode(key), value));
    }

    /**
     * Stores a value if nobody has changed the key since.
     *
     * @param revision that of the key's last change as it was read; 0: the key must not be there
     * @return the revision of this change; empty if somebody has changed the key, and nothing was done
     */
    public OptionalLong compareAndSet(String key, long revision, String value) throws RaftkvException {
        String name = revision == 0 ? "If-None-Match" : "If-Match";
        String condition = revision == 0 ? "*" : "\"" + revision + "\"";
        HttpResponse<String> answer = write("PUT", "/store?key=" + encode(key), value, name, condition);
        return answer.statusCode() == 412 ? OptionalLong.empty() : OptionalLong.of(revision(answer));
    }

    /**
     * Removes a key, which need not be there.
     *
     * @return the revision of the store after that
     */
    public long delete(String key) throws RaftkvException {
        return revision(write("DELETE", "/store?key=" + encode(key), null));
    }

    /**
     * Begins a session, which is renewed until it is closed.
     *
     * @param ttl how long it lives when nobody can renew it, in whole seconds: 1 to 86,400; best 10 or more, as a node may be away for
     *     seconds
     */
    public RaftkvSession session(Duration ttl) throws RaftkvException {
        return RaftkvSession.begin(this, ttl);
    }

    /** The first keys that start with this, all if it is empty, and their values. */
    public Page list(String prefix) throws RaftkvException {
        return page("/store?prefix=" + encode(prefix));
    }

    /**
     * The next of them.
     *
     * @param after {@link Page#next}
     */
    public Page list(String prefix, String after) throws RaftkvException {
        return page("/store?prefix=" + encode(prefix) + "&after=" + encode(after));
    }

    private Page page(String target) throws RaftkvException {
        HttpResponse<String> answer = read(target);
        Optional<String> next = answer.headers()
                .firstValue("Link")
                .map(NEXT::matcher)
                .filter(Matcher::matches)
                .map(link -> URLDecoder.decode(link.group(1), StandardCharsets.UTF_8));
        return new Page(List.copyOf(Listing.entries(answer.body())), next);
    }

    private HttpResponse<String> read(String target) throws RaftkvException {
        String demand =
                level == Level.EVENTUAL ? "&min_revision=" + memory.revision().get() : "";
        Ask ask = new Ask(
                "GET",
                target + "&consistency=" + level.name().toLowerCase(Locale.ROOT) + demand,
                null,
                credentials,
                List.of(200, 404));
        return call(ask, deadline);
    }

    Duration deadline() {
        return deadline;
    }

    private HttpResponse<String> write(String method, String target, String body, String... conditions)
            throws RaftkvException {
        return ask(method, target, body, deadline, List.of(200, 412), conditions);
    }

    /**
     * Asks for a change, under a name of its own.
     *
     * @param longest how long it may take
     * @param settling as in {@link Ask}
     */
    HttpResponse<String> ask(
            String method, String target, String body, Duration longest, List<Integer> settling, String... conditions)
            throws RaftkvException {
        List<String> headers = new ArrayList<>(credentials);
        headers.addAll(List.of(conditions));
        headers.addAll(List.of("Idempotency-Key", "\"" + UUID.randomUUID() + "\""));
        if (body != null) {
            headers.addAll(List.of("Content-Type", "application/json"));
        }
        return call(new Ask(method, target, body, headers, settling), longest);
    }

    /** Whatever the leader has to answer is asked where it was last; all else stays at its node, so that leaders are not alone. */
    private HttpResponse<String> call(Ask ask, Duration longest) throws RaftkvException {
        Course course = ask.isWrite() || level == Level.LEADER ? memory.leader() : memory.any();
        HttpResponse<String> answer = new Call(nodes, http, course, ask, longest).answer();
        answer.headers()
                .firstValueAsLong("Store-Revision")
                .ifPresent(seen -> memory.revision().accumulateAndGet(seen, Math::max));
        return answer;
    }

    private static long revision(HttpResponse<String> answer) {
        return number(answer, "Store-Revision", Pattern.compile("(\\d+)"));
    }

    private static long number(HttpResponse<String> answer, String header, Pattern form) {
        return answer.headers()
                .firstValue(header)
                .map(form::matcher)
                .filter(Matcher::matches)
                .map(found -> Long.parseLong(found.group(1)))
                .orElseThrow(() -> new IllegalStateException(answer.uri() + " answers without " + header));
    }

    /** Right in every server's reading of a query. */
    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
