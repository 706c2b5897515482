package dev.raftkv.rest.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostsTest {
    private final Hosts hosts = new Hosts("https://Node1.example:2221/kv", List.of("kv.example", "other.example."));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "localhost:2221",
                "LocalHost:80",
                "127.0.0.1:2221",
                "127.8.9.10",
                "192.0.2.255:8080",
                "[::1]:2221",
                "[2001:DB8::192.0.2.1]",
                "node1.example",
                "node1.EXAMPLE:443",
                "node1.example.:443",
                "kv.example:8080",
                "other.example"
            })
    void addressesAndKnownNamesAreOurs(String host) {
        assertOurs(true, host);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "evil.example:2221",
                "node1",
                "node1.example.evil.example",
                "evilnode1.example",
                "localhost.evil.example",
                "localhost:evil.example",
                "localhost@evil.example",
                "127.0.0.1.evil.example",
                "127.0.0.1evil",
                "127.0.0",
                "127.0.0.1.5",
                "127.0.0.",
                ".127.0.0.1",
                "1..2.3.4",
                "2130706433",
                "0x7f.0.0.1",
                "127.0.0.0001",
                "[::1",
                "[::1]evil.example",
                "[evil.example]",
                "[abcd]",
                "[]",
                "::1",
                "node1.example..",
                "node1.example:x"
            })
    void allElseIsNot(String host) {
        assertOurs(false, host);
    }

    /** The second time it may be known already, or a known one forgotten. */
    private void assertOurs(boolean ours, String host) {
        assertEquals(ours, hosts.areOurs(host), host);
        assertEquals(true, hosts.areOurs("localhost:1"));
        assertEquals(ours, hosts.areOurs(host), host);
        assertEquals(ours, hosts.areOurs(host), host);
    }
}
