package dev.raftkv.node;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Address;
import dev.raftkv.model.Birth;
import dev.raftkv.model.Birth.Stage;
import dev.raftkv.model.Identity;
import dev.raftkv.node.Quest.Seen;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The requests of a node about its own membership, one at a time. Built on {@link HttpURLConnection}, because
 * {@code java.net.http.HttpClient} leaves a thread behind.
 */
final class JoinClient implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration LOOK_TIMEOUT = Duration.ofSeconds(5);

    /** What a join may wait for those before it, and for a new leader to be ready. */
    private static final Duration QUEUE = Duration.ofSeconds(20);

    private static final int TEMPORARY_REDIRECT = 307;
    private static final int REDIRECTS = 3;
    private static final int SHOWN = 300;

    /** A request that was cut off has ended long before. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private static final Pattern BIRTH = Pattern.compile(
            "\"birth\":\\{\"stage\":\"(?<stage>[a-z]+)\",\"group_id\":\"(?<group>[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\","
                    + "\"raft_address\":\"(?<address>[^\"]*)\",\"asks\":\\[(?<asks>(\"[^\"]*\",?)*)\\]");
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"");

    private final NodeConfig config;
    private volatile HttpURLConnection open;
    private volatile boolean closed;

    JoinClient(NodeConfig config) {
        this.config = config;
    }

    /** The node at an address; empty if none answers. */
    Optional<Seen> look(String address) {
        try {
            Answer answer = send("GET", address + "/raft/stats", new byte[0], LOOK_TIMEOUT);
            return answer.status == 200 ? seen(answer.body) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The names and the form of these members are part of the interface, and no value can hold a quotation mark. */
    private static Optional<Seen> seen(String stats) {
        Optional<String> nodeId = first("\"node_id\":\"([^\"]*)\"", stats);
        Optional<String> state = first("\"state\":\"([^\"]*)\"", stats);
        Optional<String> others = first("\"num_peers\":([0-9]{1,9})", stats);
        return nodeId.isEmpty() || state.isEmpty() || others.isEmpty()
                ? Optional.empty()
                : Optional.of(new Seen(
                        nodeId.get(),
                        !state.get().equals("Shutdown"),
                        Long.parseLong(others.get()),
                        identity(nodeId.get(), stats)));
    }

    /** Empty if the node does not tell, or in a way of a later version. */
    private static Optional<Identity> identity(String nodeId, String stats) {
        Matcher birth = BIRTH.matcher(stats);
        if (!birth.find()) {
            return Optional.empty();
        }
        Optional<Address> address = Address.parse(birth.group("address"));
        Optional<Stage> stage = Arrays.stream(Stage.values())
                .filter(known -> known.name().toLowerCase(Locale.ROOT).equals(birth.group("stage")))
                .findFirst();
        List<String> asks = QUOTED.matcher(birth.group("asks"))
                .results()
                .map(quoted -> quoted.group(1))
                .toList();
        return address.isEmpty() || stage.isEmpty()
                ? Optional.empty()
                : Optional.of(new Identity(
                        nodeId,
                        address.get(),
                        new Birth(stage.get(), UUID.fromString(birth.group("group")), stage.get()),
                        asks));
    }

    private static Optional<String> first(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /**
     * Asks the node at an address, or the leader that it names, to take this node in. Blocks while this node catches up.
     *
     * @return why it was not taken in; empty if it was
     */
    Optional<String> ask(String address) {
        // Neither an id nor an address can hold what would have to be escaped.
        byte[] body = "{\"node_id\":\"%s\",\"raft_address\":\"%s\"}"
                .formatted(config.nodeId(), config.raftAddress())
                .getBytes(StandardCharsets.UTF_8);
        String target = address + "/raft/join";
        try {
            for (int redirects = 0; redirects <= REDIRECTS; redirects++) {
                Answer answer =
                        send("POST", target, body, config.timeouts().join().plus(QUEUE));
                if (answer.status == 200) {
                    return Optional.empty();
                }
                if (answer.status != TEMPORARY_REDIRECT || answer.location == null) {
                    return Optional.of(target + " answers " + answer.status + " " + oneLine(answer.body));
                }
                target = answer.location;
            }
            return Optional.of(address + " and others send it from one to the next");
        } catch (IOException e) {
            return Optional.of(target + " does not answer (" + e + ")");
        }
    }

    /**
     * Tells the leader, at an address, where this node answers HTTP.
     *
     * @return why that did not work; empty if it did
     */
    Optional<String> announce(String leader) {
        byte[] body = "{\"node_id\":\"%s\",\"raft_address\":\"%s\",\"http_address\":\"%s\"}"
                .formatted(config.nodeId(), config.raftAddress(), config.httpAddress())
                .getBytes(StandardCharsets.UTF_8);
        String target = leader + "/raft/announce";
        try {
            Answer answer = send("POST", target, body, config.timeouts().write().plus(LOOK_TIMEOUT));
            return answer.status == 200
                    ? Optional.empty()
                    : Optional.of(target + " answers " + answer.status + " " + oneLine(answer.body));
        } catch (IOException e) {
            return Optional.of(target + " does not answer (" + e + ")");
        }
    }

    private static String oneLine(String body) {
        String line = body.strip().replaceAll("\\p{Cntrl}+", " ");
        return line.length() > SHOWN ? line.substring(0, SHOWN) + "..." : line;
    }

    private record Answer(int status, String location, String body) {}

    private Answer send(String method, String url, byte[] body, Duration timeout) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) new URL(url).openConnection(Proxy.NO_PROXY);
        connection.setConnectTimeout((int) CONNECT_TIMEOUT.toMillis());
        connection.setReadTimeout((int) timeout.toMillis());
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setRequestMethod(method);
        connection.setRequestProperty("Connection", "close");
        open = connection;
        try {
            if (closed) {
                throw new IOException("this node is stopping");
            }
            if (body.length > 0) {
                connection.setRequestProperty("Content-Type", "application/json");
                connection.setDoOutput(true);
                // A body of fixed length is what keeps the JDK from sending a request again by itself.
                connection.setFixedLengthStreamingMode(body.length);
                try (OutputStream out = connection.getOutputStream()) {
                    out.write(body);
                }
            }
            return answer(connection);
        } finally {
            open = null;
            connection.disconnect();
        }
    }

    private static Answer answer(HttpURLConnection connection) throws IOException {
        int status = connection.getResponseCode();
        try (InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            byte[] bytes = body == null ? new byte[0] : body.readAllBytes();
            return new Answer(status, connection.getHeaderField("Location"), new String(bytes, StandardCharsets.UTF_8));
        }
    }

    /**
     * Cuts the request that is under way off, and returns when it has ended; there will be no more. A connection that is
     * cut between its request and its answer is opened again by the JDK, which then waits for an answer to nothing: so it is
     * cut until it stays so.
     */
    @Override
    public void close() {
        closed = true;
        long deadline = System.nanoTime() + CLOSE_TIMEOUT.toNanos();
        for (HttpURLConnection connection = open;
                connection != null && System.nanoTime() < deadline;
                connection = open) {
            connection.disconnect();
            LockSupport.parkNanos(5_000_000);
        }
    }
}
