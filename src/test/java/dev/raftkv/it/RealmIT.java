package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.Eventually;
import dev.raftkv.testkit.FileTree;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The realms of {@code deploy/tomcat} and {@code deploy/jetty}, with users as their READMEs make them. */
final class RealmIT {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration REREAD_LIMIT = Duration.ofSeconds(40);

    /** The end of the users of deploy/tomcat. */
    private static final String TOMCAT_END = "</tomcat-users>";

    private final Http http = Http.plain(Duration.ofSeconds(10));

    @ParameterizedTest
    @EnumSource(Container.class)
    void whoMayDoWhatIsUpToTheRealm(Container container) throws IOException {
        Path directory = Build.directory("realm-" + container.name().toLowerCase(Locale.ROOT));
        List<Integer> ports = FreePorts.take(2);
        NodeSpec spec = new NodeSpec("node1", ports.get(0), ports.get(1), directory.resolve("data"));
        Path base = Files.createDirectories(directory.resolve("base"));
        ServerCommand command = container.node(spec, base).with("RAFT_AUTH", "container");
        Path users = add(container, base, "ada", "raftkv-admin");
        add(container, base, "bob", "raftkv-reader");
        add(container, base, "eve", "raftkv-metrics");
        add(container, base, "mallory", "manager-gui");
        try (ServerProcess server = ServerProcess.start(command)) {
            server.awaitOk(spec.url("/health/ready"), START_LIMIT);
            assertEquals(200, put(spec, "ada").status(), server::logTail);
            assertEquals(200, get(spec, "/store/key", "bob").status());
            assertEquals(403, put(spec, "bob").status());
            assertEquals(200, get(spec, "/metrics", "eve").status());
            assertEquals(403, get(spec, "/store/key", "eve").status());
            assertEquals(403, get(spec, "/store/key", "mallory").status());
            Reply stranger = http.get(spec.url("/store/key"));
            assertEquals(401, stranger.status(), stranger::toString);
            assertTrue(stranger.headers().firstValue("WWW-Authenticate").isPresent(), stranger::toString);
            assertEquals(
                    401,
                    http.get(spec.url("/store/key"), "Authorization", basic("ada", "wrong"))
                            .status());
            assertEquals(200, http.get(spec.url("/health/live")).status());

            FileTree.replace(users, "raftkv-reader", "raftkv-writer");
            Eventually.eventually(
                    REREAD_LIMIT, () -> assertEquals(200, put(spec, "bob").status()));
            server.stop();
        }
    }

    private Reply put(NodeSpec spec, String user) throws IOException {
        return http.put(spec.url("/store/key"), "1", "Authorization", basic(user, password(user)));
    }

    private Reply get(NodeSpec spec, String path, String user) throws IOException {
        return http.get(spec.url(path), "Authorization", basic(user, password(user)));
    }

    private static String basic(String user, String password) {
        String pair = user + ":" + password;
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private static String password(String user) {
        return "nobody-guesses-that-of-" + user;
    }

    /** Adds a user as the README says, and returns the file that has it. */
    private static Path add(Container container, Path base, String user, String role) throws IOException {
        if (container == Container.JETTY_12_1) {
            Path realm = base.resolve("etc").resolve("raftkv-users.properties");
            String line = user + ": MD5:" + digest("MD5", user) + "," + role + "\n";
            return Files.writeString(realm, Files.readString(realm) + line);
        }
        Path realm = base.resolve("conf").resolve("raftkv-users.xml");
        FileTree.replace(
                realm,
                TOMCAT_END,
                "<user username=\"" + user + "\" password=\"" + digest("SHA-256", user) + "\" roles=\"" + role
                        + "\"/>\n" + TOMCAT_END);
        return realm;
    }

    private static String digest(String algorithm, String user) {
        try {
            byte[] password = password(user).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(password));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
