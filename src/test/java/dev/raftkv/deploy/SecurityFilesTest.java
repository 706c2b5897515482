package dev.raftkv.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.access.UserRole;
import dev.raftkv.config.ConfigSources;
import dev.raftkv.config.Deployment;
import dev.raftkv.config.Exposure;
import dev.raftkv.config.NodeConfig;
import dev.raftkv.config.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What the files of {@code deploy} say of who may do what, against each other and the node. */
final class SecurityFilesTest {
    private static final Path DEPLOY = Path.of("deploy");

    /** Those that users have, by the names that a realm has for them. */
    private static final Set<String> ROLES = Arrays.stream(UserRole.values())
            .filter(role -> role != UserRole.NODE)
            .map(role -> "raftkv-" + role.text())
            .collect(Collectors.toSet());

    @Test
    void tomcatsRealmHasOurRolesAndNoUsersBeforeSomebodyMakesThem() throws Exception {
        Path conf = DEPLOY.resolve("tomcat/one-node/conf");
        Document users = xml(conf.resolve("raftkv-users.xml"));
        assertEquals(
                ROLES,
                elements(users, "role").stream()
                        .map(role -> role.getAttribute("rolename"))
                        .collect(Collectors.toSet()));
        assertEquals(List.of(), elements(users, "user"));

        Document server = xml(conf.resolve("server.xml"));
        Element database = elements(server, "Resource").get(0);
        assertEquals("conf/raftkv-users.xml", database.getAttribute("pathname"));
        Element realm = elements(server, "Realm").get(0);
        assertEquals(database.getAttribute("name"), realm.getAttribute("resourceName"));
        Element handler =
                (Element) realm.getElementsByTagName("CredentialHandler").item(0);
        assertEquals("SHA-256", handler.getAttribute("algorithm"));
        assertSaysHowAUserIsMade(DEPLOY.resolve("tomcat/README.md"), "sha256sum", 64);
    }

    @Test
    void jettysRealmIsTheOneThatTheApplicationAsksAndHasNoUsersBeforeSomebodyMakesThem() throws Exception {
        Path base = DEPLOY.resolve("jetty/base");
        String server = Files.readString(base.resolve("etc/raftkv.xml"));
        String application = Files.readString(base.resolve("webapps/raftkv.xml"));
        assertTrue(server.contains("<Set name=\"name\">raftkv</Set>"), server);
        assertTrue(application.contains("<Set name=\"realmName\">raftkv</Set>"), application);
        assertTrue(server.contains("<Property name=\"jetty.base\"/>/etc/raftkv-users.properties"), server);
        for (String line : Files.readAllLines(base.resolve("etc/raftkv-users.properties"))) {
            assertTrue(line.startsWith("#"), line);
        }
        assertSaysHowAUserIsMade(DEPLOY.resolve("jetty/README.md"), "md5sum", 32);
    }

    private static void assertSaysHowAUserIsMade(Path readme, String tool, int digits) throws IOException {
        String text = Files.readString(readme);
        assertTrue(text.contains("printf %s \"$password\" | " + tool), readme::toString);
        assertTrue(text.matches("(?s).*\\b[0-9a-f]{" + digits + "}\\b.*"), readme::toString);
        assertTrue(text.contains("RAFT_AUTH=container"), readme::toString);
        for (String role : ROLES) {
            assertTrue(text.contains("`" + role + "`"), role);
        }
    }

    @Test
    void theServiceOfAMachineThatOthersReachIsProtectedByFilesThatItsReadmeInstalls() throws IOException {
        Path systemd = DEPLOY.resolve("systemd");
        Map<String, String> settings = new TreeMap<>();
        for (String line : Files.readAllLines(systemd.resolve("raftkv.env"))) {
            if (line.matches("#?[A-Z_]+=.*")) {
                settings.put(line.split("=")[0].replace("#", ""), line.split("=")[1]);
            }
        }
        assertEquals("10.0.0.1", settings.get("RAFT_HOST"));
        assertEquals("forward", settings.get("RAFT_FOLLOWER_WRITES"));
        NodeConfig node = new ConfigSources(List.of(Source.environment(settings)))
                .load(new Deployment(
                        "", Optional.empty(), Path.of("").toAbsolutePath(), settings.containsKey("RAFT_TLS")))
                .node();
        assertEquals(Optional.empty(), new Exposure(node, Optional.of("0.0.0.0")).check());
        assertEquals(node.httpAddress(), node.joinAddresses().get(0));

        String readme = Files.readString(systemd.resolve("README.md"));
        for (Path file : List.of(
                node.security().tokens().orElseThrow(),
                node.security().nodeSecret().orElseThrow(),
                node.security().tls().orElseThrow().resolve("cert.pem"),
                node.security().tls().orElseThrow().resolve("key.pem"),
                node.security().tls().orElseThrow().resolve("ca.pem"))) {
            assertTrue(
                    readme.lines()
                            .anyMatch(line -> line.matches(".*install -m 640 -g raftkv -t " + file.getParent()
                                    + " .*\\b" + file.getFileName() + "\\b.*")),
                    () -> "nobody installs " + file);
        }
        List<String> unit = Files.readAllLines(systemd.resolve("raftkv.service"));
        // What the node writes is its own, and what it knows is not in a dump.
        assertTrue(unit.containsAll(List.of("User=raftkv", "UMask=0077", "LimitCORE=0")), unit::toString);
    }

    @Test
    void prometheusShowsATokenOfARoleThatMayNothingElse() throws IOException {
        Object loaded = new Yaml(new SafeConstructor(new LoaderOptions()))
                .load(Files.readString(DEPLOY.resolve("prometheus/prometheus.yml")));
        List<Object> files = new ArrayList<>();
        for (Object job : (List<?>) ((Map<?, ?>) loaded).get("scrape_configs")) {
            files.add(((Map<?, ?>) ((Map<?, ?>) job).get("authorization")).get("credentials_file"));
        }
        assertEquals(List.of("token"), files);
        String readme = Files.readString(DEPLOY.resolve("prometheus/README.md"));
        assertTrue(readme.contains("java -jar raftkv.war token prometheus metrics"), readme);
    }

    @Test
    void nginxLeavesToTheNodesWhoMayDoWhat() throws IOException {
        String site = Files.readString(DEPLOY.resolve("nginx/raftkv.conf"));
        assertFalse(site.toLowerCase(Locale.ROOT).contains("header authorization"), site);
    }

    private static List<Element> elements(Document document, String name) {
        NodeList found = document.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < found.getLength(); i++) {
            elements.add((Element) found.item(i));
        }
        return elements;
    }

    private static Document xml(Path file) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
    }
}
