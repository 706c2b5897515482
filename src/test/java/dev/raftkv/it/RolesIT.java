package dev.raftkv.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.access.UserRole;
import dev.raftkv.testkit.Browser;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FileTree;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.NodeCommand;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.PrivateFiles;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every request of the API, by nobody, by strangers and in each role, is answered as the README's table of roles says. */
final class RolesIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final Pattern ROW = Pattern.compile("\\| `?([a-z]+)`? \\| (.*) \\|");
    private static final Pattern REQUEST = Pattern.compile("`([A-Z]+) (/[^`]*)`");

    private static final Set<String> ENDLESS = Set.of("/watch", "/raft/events");

    private final Http http = Http.plain(Duration.ofSeconds(20));

    /** Where a node runs, and who knows its callers. */
    enum Way {
        PROGRAM_FILE(Way::program, false),
        TOMCAT_10_1_FILE(Container.TOMCAT_10_1, false),
        TOMCAT_11_FILE(Container.TOMCAT_11, false),
        JETTY_12_1_FILE(Container.JETTY_12_1, false),
        TOMCAT_10_1_REALM(Container.TOMCAT_10_1, true),
        TOMCAT_11_REALM(Container.TOMCAT_11, true),
        JETTY_12_1_REALM(Container.JETTY_12_1, true);

        private final NodeCommand command;
        private final boolean realm;

        Way(NodeCommand command, boolean realm) {
            this.command = command;
            this.realm = realm;
        }

        private static ServerCommand program(NodeSpec node, Path base) throws IOException {
            return new ExecutableWar(Build.war(), Build.deploy()).node(node, base);
        }

        ServerCommand prepare(NodeSpec node, Path base) throws IOException {
            Files.createDirectories(base);
            ServerCommand plain = command.node(node, base);
            if (!realm) {
                return plain.with("RAFT_AUTH", tokenFile(base).toString());
            }
            if (this == JETTY_12_1_REALM) {
                String users = lines(role -> role + ": MD5:" + digest("MD5", password(role)) + ",raftkv-" + role);
                Files.writeString(base.resolve("etc").resolve("raftkv-users.properties"), users);
            } else {
                String users = lines(role -> "<user username=\"" + role + "\" password=\""
                        + digest("SHA-256", password(role)) + "\" roles=\"raftkv-" + role + "\"/>");
                FileTree.replace(
                        base.resolve("conf").resolve("raftkv-users.xml"), "</tomcat-users>", users + "</tomcat-users>");
            }
            return plain.with("RAFT_AUTH", "container");
        }

        private static Path tokenFile(Path base) throws IOException {
            String lines = lines(role -> role + ":" + role + ":" + digest("SHA-256", password(role)));
            return PrivateFiles.write(base.resolve("tokens"), lines);
        }

        private static String lines(Function<String, String> line) {
            return roles().stream().map(line).collect(Collectors.joining("\n", "", "\n"));
        }
    }

    private static List<String> roles() {
        return Arrays.stream(UserRole.values()).map(UserRole::text).toList();
    }

    private static String password(String role) {
        return "the password of " + role;
    }

    private static String digest(String algorithm, String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String basic(String name, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((name + ":" + password).getBytes(UTF_8));
    }

    private static NodeSpec node(Path directory) throws IOException {
        List<Integer> ports = FreePorts.take(2);
        return new NodeSpec("node1", ports.get(0), ports.get(1), directory.resolve("data"));
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void everyRequestIsAnsweredAsTheTableSays(Way way) throws IOException {
        Path directory = Build.directory("roles-" + way);
        NodeSpec node = node(directory);
        try (ServerProcess server = ServerProcess.start(way.prepare(node, directory.resolve("server")))) {
            server.awaitOk(node.url("/health/ready"), SOON);
            Map<String, List<UserRole>> table = table();
            assertEquals(described(node), withoutQueries(table.keySet()));
            for (Map.Entry<String, List<UserRole>> row : table.entrySet()) {
                walk(way, node, row.getKey(), row.getValue());
            }
            for (String page : List.of(
                    "/", "/page.js", "/parts.js", "/page.css", "/icon.svg", "/api/", "/api/api.js", "/openapi.json")) {
                assertEquals(200, http.get(node.url(page)).status(), page);
            }
            for (String hidden : List.of("/nothing", "/index.html", "/store/../nothing", "/metrics/")) {
                assertEquals(401, http.get(node.url(hidden)).status(), hidden);
            }
            aRefusedBodyIsNotWaitedFor(node);
            String metrics = http.get(node.url("/metrics"), "Authorization", basic("metrics", password("metrics")))
                    .text();
            assertFalse(metrics.contains("raftkv_http_refused_total{reason=\"role\"} 0\n"), metrics);
        }
    }

    private void walk(Way way, NodeSpec node, String request, List<UserRole> asked) throws IOException {
        int openOr401 = asked.isEmpty() ? 200 : 401;
        assertEquals(openOr401, send(node, request).status(), request);
        if (request.startsWith("GET ")) {
            assertHead(node, request, openOr401);
        }
        List<String> wrong = new ArrayList<>(List.of(
                "Bearer nonsense",
                basic("stranger", "nonsense"),
                basic("stranger", password("admin")),
                "Basic nonsense"));
        if (!way.realm) {
            wrong.add(basic("reader", password("admin")));
        }
        for (String credentials : wrong) {
            Reply reply = send(node, request, "Authorization", credentials);
            assertEquals(openOr401, reply.status(), () -> request + " by " + credentials + ": " + reply);
            if (!asked.isEmpty()) {
                List<String> challenges = reply.headers().allValues("WWW-Authenticate");
                assertEquals("Basic realm=\"raftkv\", charset=\"UTF-8\"", challenges.get(0), request);
                assertEquals(
                        "application/problem+json",
                        reply.headers().firstValue("Content-Type").orElse(""),
                        request);
            }
        }
        for (UserRole role : UserRole.values()) {
            String name = role.text();
            List<String> credentials = new ArrayList<>(List.of(basic(name, password(name))));
            if (!way.realm) {
                credentials.add("Bearer " + password(name));
            }
            for (String each : credentials) {
                Reply reply = send(node, request, "Authorization", each);
                boolean granted = asked.isEmpty() || asked.stream().anyMatch(role::includes);
                int status = reply.status();
                if (request.startsWith("GET ")) {
                    assertHead(node, request, status, "Authorization", each);
                }
                assertTrue(
                        granted ? status < 500 && status != 401 && status != 403 : status == 403,
                        () -> way + ": " + request + " by " + name + ": " + reply);
                if (!granted) {
                    String missing = asked.get(0).text();
                    assertEquals(
                            name + " has not the role " + missing
                                    + " that this asks for: ask who runs this node for it",
                            reply.json().path("detail").asText());
                }
            }
        }
    }

    /** As GET is answered. */
    private void assertHead(NodeSpec node, String get, int status, String... headers) throws IOException {
        Reply head = send(node, get.replaceFirst("GET", "HEAD"), headers);
        assertEquals(status, head.status(), () -> "HEAD instead of " + get + ": " + head);
        assertEquals("", head.text(), get);
    }

    /** With what no operation takes, so that whoever may do it changes nothing; but for the probes. */
    private Reply send(NodeSpec node, String request, String... headers) throws IOException {
        String method = request.substring(0, request.indexOf(' '));
        String path = request.substring(method.length() + 1)
                .replace("{key}", "k")
                .replace("{id}", "8215834f-0ca8-4f9b-bd8c-55fbfb8b0e9f");
        String url = node.url(ENDLESS.contains(path) ? path + "?nonsense" : path);
        return switch (method) {
            case "GET" -> http.get(url, headers);
            case "HEAD" -> http.head(url, headers);
            case "POST" -> http.post(url, "{}", headers);
            case "PUT" -> http.put(url, "{", headers);
            case "DELETE" -> http.delete(url + "?nonsense", headers);
            default -> throw new IllegalStateException(request);
        };
    }

    /** The roles of each request, one of which it takes, as the README says; none for what is open. */
    private static Map<String, List<UserRole>> table() throws IOException {
        String readme = Files.readString(Build.source("README.md"));
        String rows = readme.substring(readme.indexOf("<!-- roles -->"), readme.indexOf("<!-- /roles -->"));
        Map<String, List<UserRole>> table = new LinkedHashMap<>();
        ROW.matcher(rows)
                .results()
                .forEach(row -> REQUEST.matcher(row.group(2)).results().forEach(request -> {
                    String asked = request.group(1) + " " + request.group(2);
                    List<UserRole> roles = table.computeIfAbsent(asked, key -> new ArrayList<>());
                    UserRole.of(row.group(1)).ifPresent(roles::add);
                }));
        return table;
    }

    private static Set<String> withoutQueries(Set<String> requests) {
        return requests.stream()
                .map(request -> request.replaceFirst("\\?.*", ""))
                .collect(Collectors.toSet());
    }

    private Set<String> described(NodeSpec node) throws IOException {
        JsonNode paths = http.get(node.url("/openapi.json")).json().path("paths");
        Set<String> requests = new HashSet<>();
        paths.properties()
                .forEach(path -> Stream.of("GET", "PUT", "POST", "DELETE")
                        .filter(method -> path.getValue().has(method.toLowerCase(Locale.ROOT)))
                        .forEach(method -> requests.add(method + " " + path.getKey())));
        requests.remove("GET /openapi.json");
        return requests;
    }

    private static void aRefusedBodyIsNotWaitedFor(NodeSpec node) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.httpPort())) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            String head = "POST /store HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 1000000000\r\n\r\n{";
            socket.getOutputStream().write(head.getBytes(US_ASCII));
            assertEquals("HTTP/1.1 401", new String(socket.getInputStream().readNBytes(12), US_ASCII));
        }
    }

    /** The token is made as an operator makes it, and the page asks with what the browser was told once. */
    @Test
    void whoHasLoggedInUsesThePage() throws IOException, InterruptedException {
        assumeTrue(
                Browser.isInstalled(),
                "chromium and chromedriver are not installed: apt-get install chromium chromium-driver");
        Path directory = Files.createDirectories(Build.directory("roles-page"));
        Path tokens = PrivateFiles.write(directory.resolve("tokens"), "");
        String token = token(directory, tokens);
        NodeSpec node = node(directory);
        ExecutableWar war = new ExecutableWar(Build.war(), Build.deploy());
        ServerCommand command = war.node(node, directory).with("RAFT_AUTH", tokens.toString());
        try (ServerProcess server = ServerProcess.start(command);
                Browser browser = Browser.start(directory.resolve("browser"))) {
            server.awaitOk(node.url("/health/ready"), SOON);
            String withToken = node.url("").replace("//", "//alice:" + token + "@");
            browser.open(withToken + "/raft/stats");
            assertTrue(browser.eval("return document.body.innerText").asText().contains("Here is the raft status"));
            for (String page : List.of(node.url("/"), withToken + "/")) {
                browser.open(page);
                browser.awaitText("#role", "Leader");
            }
            // A writer sees what it may not do, and cannot try.
            browser.click("#backup-fold summary");
            browser.awaitText("#backup-fold", "Backups and restores take the role admin, which you do not have here.");
            String open =
                    "return [...document.querySelectorAll('fieldset:not(:disabled)')].map(fields => fields.form.id)";
            assertEquals("[]", browser.eval(open).toString());
            browser.open(withToken + "/api/");
            browser.awaitText("#title", "The API of raftkv");
        }
    }

    private static String token(Path directory, Path tokens) throws IOException, InterruptedException {
        Path told = directory.resolve("told");
        int code = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-jar",
                        Build.war().toString(),
                        "token",
                        "alice",
                        "writer")
                .redirectOutput(ProcessBuilder.Redirect.appendTo(tokens.toFile()))
                .redirectError(told.toFile())
                .start()
                .waitFor();
        List<String> lines = Files.readAllLines(told);
        assertEquals(0, code, lines::toString);
        return lines.get(lines.size() - 1);
    }
}
