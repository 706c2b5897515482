package dev.raftkv.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.Deployment;
import dev.raftkv.config.EffectiveConfig;
import jakarta.servlet.ServletContext;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContextSettingsTest {
    private static final Deployment ROOT =
            new Deployment("", Optional.empty(), Path.of("").toAbsolutePath());

    @AfterEach
    void clearProperties() {
        System.clearProperty("RAFT_NODE_ID");
        System.clearProperty("RAFT_PORT");
        System.clearProperty("catalina.base");
        System.clearProperty("jetty.base");
    }

    @Test
    void contextParameterWinsOverSystemProperty() {
        System.setProperty("RAFT_NODE_ID", "from-property");
        System.setProperty("RAFT_PORT", "1119");
        ServletContext context = new FakeContext(Map.of("RAFT_NODE_ID", "from-context"), "", null).context();

        EffectiveConfig config = ContextSettings.sources(context).load(ROOT);

        assertTrue(config.given().contains("RAFT_NODE_ID=from-context (context parameter)"));
        assertTrue(config.given().contains("RAFT_PORT=1119 (system property)"));
    }

    @Test
    void aServerCanSayWhatItsParametersAre() {
        FakeContext context = new FakeContext(Map.of("RAFT_PORT", "1119"), "", null);
        context.attributes().put(ContextSettings.PARAMETERS, "command line");

        EffectiveConfig config = ContextSettings.sources(context.context()).load(ROOT);

        assertTrue(config.given().contains("RAFT_PORT=1119 (command line)"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"catalina.base", "jetty.base"})
    void theBaseIsThatOfTheServer(String property) {
        System.setProperty(property, "/srv/base");
        ServletContext context = new FakeContext(Map.of(), "", null).context();

        assertEquals(Path.of("/srv/base"), ContextSettings.deployment(context).base());
    }

    @Test
    void deploymentIsWhereTheContextIs() {
        assertEquals(
                new Deployment(
                        "/kv",
                        Optional.of(Path.of("/srv/webapps/kv")),
                        Path.of("").toAbsolutePath()),
                ContextSettings.deployment(new FakeContext(Map.of(), "/kv", "/srv/webapps/kv").context()));
        assertEquals(ROOT, ContextSettings.deployment(new FakeContext(Map.of(), "", null).context()));
    }
}
