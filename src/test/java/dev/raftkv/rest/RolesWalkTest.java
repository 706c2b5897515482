package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.access.Asked;
import dev.raftkv.access.Caller;
import dev.raftkv.access.NodeSecret;
import dev.raftkv.access.Refusals;
import dev.raftkv.access.Seals;
import dev.raftkv.access.UserRole;
import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Guard;
import dev.raftkv.rest.RestServer.Way;
import dev.raftkv.rest.http.Operation;
import dev.raftkv.testkit.LogLines;
import dev.raftkv.testkit.PrivateFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Each operation of the table, asked by a node that seals, in the name of somebody of each role, and by HEAD. */
@ParameterizedClass
@EnumSource(
        value = Way.class,
        names = {"JERSEY", "SHORTCUT"})
class RolesWalkTest {
    private static final String CLUSTER = "00000000-0000-0001-0000-000000000002";
    private static final Caller NODE = new Caller("node3", Set.of(UserRole.NODE));
    private static final int EQUAL = 200;

    @TempDir
    private Path directory;

    @Parameter
    private Way way;

    private Seals node;
    private RestServer server;

    @BeforeEach
    void start() throws IOException {
        NodeSecret secret = NodeSecret.open(
                PrivateFiles.write(directory.resolve("secret"), "the secret of all nodes, of 32 bytes or more"));
        node = seals("node3", secret);
        server = new RestServer(
                directory.resolve("store"),
                "/kv",
                FollowerWrites.REDIRECT,
                way,
                new Guard(seals("node1", secret), "node1", Tokened.login(directory), Optional.empty()));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static Seals seals(String nodeId, NodeSecret secret) {
        return new Seals(nodeId, Optional.of(secret), () -> Optional.of(CLUSTER));
    }

    /** With what no operation takes where it would change something or not end. */
    private static String target(Operation operation) {
        String path = operation.path().replace("{key}", "k").replace("{id}", "8215834f-0ca8-4f9b-bd8c-55fbfb8b0e9f");
        if (!operation.chosenBy().isEmpty()) {
            return path + "?" + operation.chosenBy() + (operation.chosenBy().equals("verbose") ? "" : "=k");
        }
        return path.equals("/watch")
                        || path.equals("/raft/events")
                        || operation.method().equals("DELETE")
                ? path + "?nonsense"
                : path;
    }

    private static byte[] body(Operation operation) {
        return operation.maxBody() > 0 ? "{".getBytes(UTF_8) : new byte[0];
    }

    private Answer ask(String method, Operation operation, String headers) {
        byte[] body = method.equals("HEAD") ? new byte[0] : body(operation);
        String type = body.length == 0 ? "" : "Content-Type: application/json\r\n";
        return server.http()
                .send(method, target(operation), type + "Content-Length: " + body.length + "\r\n" + headers, body);
    }

    /** @param caller whom the node names; empty for itself */
    private Answer askSealed(Operation operation, Optional<String> caller) {
        Map<String, String> told =
                caller.map(text -> Map.of(Seals.CALLER, text)).orElse(Map.of());
        String seal = node.seal(new Asked(operation.method(), target(operation), told::get), body(operation), "node1")
                .orElseThrow()
                .text();
        StringBuilder headers = new StringBuilder(Seals.HEADER + ": " + seal + "\r\n");
        caller.ifPresent(
                text -> headers.append(Seals.CALLER).append(": ").append(text).append("\r\n"));
        return ask(operation.method(), operation, headers.toString());
    }

    private static void assertGranted(Operation operation, Caller caller, Answer answer) {
        String about = operation.method() + " " + target(operation) + " by " + caller + ": " + answer;
        if (operation.isFor(caller)) {
            assertTrue(answer.status() != 401 && answer.status() != 403 && answer.status() != 501, about);
        } else {
            assertEquals(403, answer.status(), about);
            String missing = caller.name() + " has not the role "
                    + operation.role().orElseThrow().text();
            assertTrue(answer.body().contains(missing), about);
        }
    }

    @Test
    void aNodeThatSealsMayWhatNodesMayAndNothingElse() {
        for (Operation operation : server.api().operations()) {
            assertGranted(operation, NODE, askSealed(operation, Optional.empty()));
        }
    }

    /** That they are nodes, nobody can be told. */
    @Test
    void whomANodeNamesMayWhatTheyMayThemselves() {
        for (Operation operation : server.api().operations()) {
            for (UserRole role : UserRole.values()) {
                String name = role.text();
                Caller caller = new Caller(name, role == UserRole.NODE ? Set.of() : Set.of(role));
                assertGranted(operation, caller, askSealed(operation, Optional.of(name + ":" + name)));
            }
        }
    }

    @Test
    void headIsAnsweredAsGetIsToEachRole() {
        List<String> heads = new ArrayList<>();
        for (Operation operation : server.api().operations()) {
            if (operation.method().equals("GET")) {
                heads.add(headLikeGet(operation, ""));
                for (UserRole role : UserRole.values()) {
                    heads.add(headLikeGet(operation, Tokened.bearer(role.text())));
                }
            }
        }
        for (String status : List.of("200", "401", "403")) {
            assertTrue(heads.contains(status), heads::toString);
        }
    }

    private String headLikeGet(Operation operation, String headers) {
        int status = ask("GET", operation, headers).status();
        Answer head = ask("HEAD", operation, headers);
        assertEquals(status, head.status(), () -> target(operation) + " " + headers);
        assertEquals("", head.body());
        return Integer.toString(status);
    }

    /** The node, whom it names and why, and not each time. */
    @Test
    void twoHundredEqualRefusalsAreALineForEachReason() {
        Operation remove = server.api().operations().stream()
                .filter(each -> each.path().equals("/raft/remove"))
                .findFirst()
                .orElseThrow();
        String seal = node.seal(new Asked("POST", "/raft/remove", name -> null), body(remove), "node1")
                .orElseThrow()
                .text();
        String garbage = Seals.HEADER + ": garbage\r\n";
        String used = Seals.HEADER + ": " + seal + "\r\n";
        List<String> all = List.of("", Tokened.bearer("reader"), Tokened.bearer("stranger"), garbage, used);
        try (LogLines lines = LogLines.of("")) {
            for (int i = 0; i < EQUAL; i++) {
                for (String headers : all) {
                    int status = ask("POST", remove, headers).status();
                    assertTrue(status == 401 || status == 403, headers);
                }
                assertEquals(403, askSealed(remove, Optional.empty()).status());
            }
            List<String> refused = lines.all().stream()
                    .filter(line -> line.startsWith("WARNING "))
                    .toList();
            // The used seal was good once; what it asked for was not, and nor is it when it is sealed anew.
            assertEquals(6, refused.size(), () -> String.join("\n", refused));
            assertEquals(6, Set.copyOf(refused).size(), () -> String.join("\n", refused));
        }
        String metrics =
                server.http().send("GET", "/metrics", Tokened.bearer("metrics")).body();
        for (Map.Entry<Refusals.Reason, Integer> counted : Map.of(
                        Refusals.Reason.NO_CREDENTIALS,
                        EQUAL,
                        Refusals.Reason.WRONG_CREDENTIALS,
                        EQUAL,
                        Refusals.Reason.NODE,
                        2 * EQUAL - 1,
                        Refusals.Reason.ROLE,
                        2 * EQUAL + 1)
                .entrySet()) {
            String sample = "raftkv_http_refused_total{reason=\""
                    + counted.getKey().text() + "\"} " + counted.getValue() + "\n";
            assertTrue(metrics.contains(sample), () -> sample + metrics);
        }
    }
}
