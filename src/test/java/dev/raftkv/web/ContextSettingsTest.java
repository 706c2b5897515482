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

class ContextSettingsTest {
    private static final Deployment ROOT = new Deployment("", Optional.empty());

    @AfterEach
    void clearProperties() {
        System.clearProperty("RAFT_NODE_ID");
        System.clearProperty("RAFT_PORT");
    }

    @Test
    void contextParameterWinsOverSystemProperty() {
        System.setProperty("RAFT_NODE_ID", "from-property");
        System.setProperty("RAFT_PORT", "1119");
        ServletContext context = new FakeContext(Map.of("RAFT_NODE_ID", "from-context"), "", null).context();

        EffectiveConfig config = ContextSettings.sources(context).load(ROOT);

        assertTrue(config.description().contains("RAFT_NODE_ID=from-context (context parameter)"));
        assertTrue(config.description().contains("RAFT_PORT=1119 (system property)"));
    }

    @Test
    void deploymentIsWhereTheContextIs() {
        assertEquals(
                new Deployment("/kv", Optional.of(Path.of("/srv/webapps/kv"))),
                ContextSettings.deployment(new FakeContext(Map.of(), "/kv", "/srv/webapps/kv").context()));
        assertEquals(ROOT, ContextSettings.deployment(new FakeContext(Map.of(), "", null).context()));
    }
}
