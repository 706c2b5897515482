package dev.raftkv.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

final class LaunchSettingsTest {
    private final Properties properties = new Properties();

    @Test
    void withoutAnythingTheDefaultsHold() throws LaunchException {
        LaunchSettings settings = settings(Map.of());
        assertEquals(8080, settings.port());
        assertEquals("", settings.contextPath());
        assertEquals(LogFormat.TEXT, settings.logFormat());
        assertEquals(Map.of(), settings.parameters());
    }

    @Test
    void theOptionWinsThenThePropertyThenTheVariable() throws LaunchException {
        Map<String, String> environment = Map.of("SERVER_PORT", " 1 ", "RAFT_LOG_FORMAT", "json");
        assertEquals(1, settings(environment).port());
        assertEquals(LogFormat.JSON, settings(environment).logFormat());
        properties.setProperty("SERVER_PORT", "2");
        assertEquals(2, settings(environment).port());
        assertEquals(3, settings(environment, "--port", "3").port());
        assertEquals(
                LogFormat.TEXT, settings(environment, "--log-format", "text").logFormat());
    }

    @Test
    void anEmptyVariableCountsAsNotSet() throws LaunchException {
        assertEquals(8080, settings(Map.of("SERVER_PORT", "")).port());
    }

    @Test
    void theNodeIsToldTheOptionsByTheNamesOfItsSettings() throws LaunchException {
        Map<String, String> environment = Map.of("SERVER_PORT", "1", "RAFT_NODE_ID", "unheard");
        LaunchSettings settings = settings(
                environment,
                "--port=2221",
                "--raft-port=1111",
                "--data",
                "d",
                "--join",
                "http://a",
                "--context-path=/kv");
        assertEquals(
                Map.of("SERVER_PORT", "2221", "RAFT_PORT", "1111", "RAFT_VOL_DIR", "d", "RAFT_JOIN", "http://a"),
                settings.parameters());
        assertEquals("/kv", settings.contextPath());
    }

    @Test
    void theRootIsAContextPathToo() throws LaunchException {
        assertEquals("", settings(Map.of(), "--context-path", "/").contextPath());
    }

    @Test
    void aWrongValueIsToldWithItsOrigin() {
        assertEquals(
                "SERVER_PORT (environment variable) is abc: give a port from 1 to 65535",
                wrong(Map.of("SERVER_PORT", "abc")));
        properties.setProperty("RAFT_LOG_FORMAT", "xml");
        assertEquals("RAFT_LOG_FORMAT (system property) is xml: give text or json", wrong(Map.of()));
    }

    @Test
    void aWrongValueThatAnOptionReplacesDoesNotMatter() throws LaunchException {
        assertEquals(1, settings(Map.of("SERVER_PORT", "abc"), "--port=1").port());
    }

    @Test
    void httpIsAsFarReachedAsTheRaftPortUnlessThatIsSaidOtherwise() throws LaunchException {
        assertEquals("127.0.0.1", settings(Map.of()).httpHost());
        assertEquals("::1", settings(Map.of("RAFT_HOST", "::1")).httpHost());
        assertEquals(
                "127.0.0.2",
                settings(Map.of("RAFT_HOST", "198.18.0.1", "RAFT_BIND_HOST", "127.0.0.2"))
                        .httpHost());
        assertEquals("0.0.0.0", settings(Map.of("RAFT_HOST", "198.18.0.1")).httpHost());
        assertEquals("0.0.0.0", settings(Map.of("RAFT_HOST", "nobody.invalid")).httpHost());
        assertEquals(
                "198.18.0.2", settings(Map.of("RAFT_HTTP_HOST", "198.18.0.2")).httpHost());
        LaunchSettings option = settings(Map.of("RAFT_HTTP_HOST", "198.18.0.2"), "--http-host", "0.0.0.0");
        assertEquals("0.0.0.0", option.httpHost());
        assertEquals(Map.of("RAFT_HTTP_HOST", "0.0.0.0"), option.parameters());
        assertEquals(
                "RAFT_HTTP_HOST (environment variable) is a b: give a host name of letters, digits, hyphens and dots, or an"
                        + " IP address",
                wrong(Map.of("RAFT_HTTP_HOST", "a b")));
    }

    private String wrong(Map<String, String> environment) {
        LaunchException exception = assertThrows(LaunchException.class, () -> settings(environment));
        assertEquals(2, exception.exitCode());
        return exception.getMessage();
    }

    private LaunchSettings settings(Map<String, String> environment, String... arguments) throws LaunchException {
        LaunchSettings settings = new LaunchSettings(LaunchOptions.parse(arguments), properties, environment);
        settings.check();
        return settings;
    }
}
