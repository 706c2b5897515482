package dev.raftkv.lab.work;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.lab.history.NodeStore;
import dev.raftkv.testkit.Access;
import dev.raftkv.testkit.Eventually;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What the stores of nodes hold. */
public final class Listings {
    private static final int PAGE = 1000;

    private Listings() {}

    /**
     * Reads the stores of all nodes when they stand at the same revision and no key is left that is to expire; to be called
     * when nothing is written any more.
     *
     * @throws AssertionError if they do not come to the same revision within the limit
     */
    public static List<NodeStore> of(Access access, List<URI> nodes, Duration limit) {
        return Eventually.eventually(limit, () -> {
            List<NodeStore> stores = new ArrayList<>();
            for (URI node : nodes) {
                stores.add(read(access, node));
            }
            if (stores.stream().map(NodeStore::revision).distinct().count() > 1) {
                throw new AssertionError("the nodes are not at the same revision: "
                        + stores.stream()
                                .map(store -> store.node() + " at " + store.revision())
                                .toList());
            }
            return stores;
        });
    }

    /**
     * Waits until a node has no keys with a prefix.
     *
     * @throws AssertionError if it still has after the limit
     */
    static void awaitNone(Access access, URI node, String prefix, Duration limit) {
        Http http = Http.plain(Duration.ofSeconds(10)).with(access);
        String url = node + "/store?count_only&prefix=" + URLEncoder.encode(prefix, StandardCharsets.UTF_8);
        Eventually.eventually(limit, () -> {
            Reply count = http.get(url);
            if (count.status() != 200 || count.json().path("data").path("count").asLong(-1) != 0) {
                throw new AssertionError("keys are left under " + prefix + ": " + count);
            }
        });
    }

    /**
     * Waits until there are no sessions.
     *
     * @return the ids of those that are there after the limit
     */
    static List<String> awaitNoSessions(Access access, URI node, Duration limit) {
        Http http = Http.plain(Duration.ofSeconds(10)).with(access);
        List<String> left = new ArrayList<>();
        try {
            Eventually.eventually(limit, () -> {
                Reply sessions = http.get(node + "/session?consistency=linearizable&limit=" + PAGE);
                left.clear();
                sessions.json()
                        .path("data")
                        .forEach(session -> left.add(session.path("id").asText()));
                if (sessions.status() != 200 || !left.isEmpty()) {
                    throw new AssertionError("there are sessions left: " + sessions);
                }
            });
        } catch (AssertionError e) {
            return left.isEmpty() ? List.of("unknown: " + e.getMessage()) : left;
        }
        return List.of();
    }

    private static NodeStore read(Access access, URI node) throws IOException {
        Http http = Http.plain(Duration.ofSeconds(10)).with(access);
        List<NodeStore.Entry> entries = new ArrayList<>();
        String after = "";
        while (true) {
            Reply page = http.get(node + "/store?consistency=eventual&limit=" + PAGE + after);
            if (page.status() != 200) {
                throw new AssertionError(node + " does not list its store: " + page);
            }
            JsonNode data = page.json().path("data");
            for (JsonNode entry : data) {
                if (entry.has("ttl")) {
                    throw new AssertionError(node + " has a key that is to expire: " + entry);
                }
                entries.add(new NodeStore.Entry(
                        entry.path("key").asText(),
                        entry.path("value").asText(),
                        entry.path("create_revision").asLong(),
                        entry.path("change_revision").asLong(),
                        entry.path("version").asLong()));
            }
            if (page.headers().firstValue("Link").isEmpty()) {
                return new NodeStore(
                        header(page, "Raft-Node"), Long.parseLong(header(page, "Store-Revision")), entries);
            }
            String last = data.get(data.size() - 1).path("key").asText();
            after = "&after=" + URLEncoder.encode(last, StandardCharsets.UTF_8);
        }
    }

    private static String header(Reply reply, String name) {
        return reply.headers().firstValue(name).orElseThrow();
    }
}
