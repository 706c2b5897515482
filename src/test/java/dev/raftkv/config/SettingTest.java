package dev.raftkv.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SettingTest {
    private static final String LONGEST_ID = "n".repeat(64);

    private record Row(String name, String defaultText, List<String> accepted, List<String> refused) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Row> rows() {
        return Stream.of(
                row("SERVER_PORT", "8080", List.of("1", "65535"), List.of("", "0", "65536", "-1", "80.5", "http")),
                row(
                        "RAFT_NODE_ID",
                        "node1",
                        List.of("a", "A.b_c-9", LONGEST_ID),
                        List.of("", "a b", "é", "a/b", "n" + LONGEST_ID)),
                row(
                        "RAFT_HOST",
                        "127.0.0.1",
                        List.of("10.0.0.7", "node-1.example.org", "3f2a9c", "::1", "2001:db8::7"),
                        List.of(
                                "",
                                "0.0.0.0",
                                "::",
                                "[::]",
                                "0:0:0:0:0:0:0:0",
                                "::0.0.0.0",
                                "0",
                                "1.2.3",
                                "300.1.1.1",
                                "node_1",
                                "a:1",
                                ":::1",
                                "fe80::1%1",
                                "http://node1",
                                "a b")),
                row(
                        "RAFT_BIND_HOST",
                        "<RAFT_HOST>",
                        List.of("0.0.0.0", "::", "10.0.0.7", "localhost"),
                        List.of("", "*", "node1:1111", "0", "::g")),
                row("RAFT_PORT", "1111", List.of("1", "65535"), List.of("", "0", "99999", "tcp://10.0.0.7:1111")),
                row("RAFT_VOL_DIR", "raftkv-data/<RAFT_NODE_ID>", List.of("/data/node1"), List.of("", "a\0b")),
                row(
                        "RAFT_HTTP_ADDRESS",
                        "http://<RAFT_HOST>:<SERVER_PORT><context path>",
                        List.of(
                                "http://node1",
                                "https://node1.example.org:8443/kv",
                                "http://[::1]:8080",
                                "HTTP://a:1/b/c"),
                        List.of(
                                "",
                                "node1:8080",
                                "/kv",
                                "ftp://node1",
                                "http:///kv",
                                "http://u:p@node1",
                                "http://node1?a",
                                "http://node1/#a",
                                "http://node1:0",
                                "http://node1:65536",
                                "http://node_1",
                                "http://0.0.0.0:8080",
                                "http://[::]:8080",
                                "http://no de",
                                "mailto:a@b")),
                row(
                        "RAFT_HTTP_HOST",
                        "",
                        List.of("", "0.0.0.0", "::", "localhost", "fd00::1"),
                        List.of("a b", "7", "http://a")),
                row(
                        "RAFT_FOLLOWER_WRITES",
                        "redirect",
                        List.of("redirect", "forward", "reject"),
                        List.of("", "proxy", "redirect,forward")),
                row(
                        "RAFT_READ_LEVEL",
                        "eventual",
                        List.of("eventual", "leader", "linearizable"),
                        List.of("", "strong", "eventual,leader")),
                row(
                        "RAFT_JOIN",
                        "",
                        List.of("", "http://node1:2221", "http://node1:2221,https://[::1]:8443/kv"),
                        List.of(",", "http://node1,", "node1:2221", "http://node1 http://node2", "http://0.0.0.0:1")),
                row("RAFT_AUTH", "", List.of("", "container", "/etc/raftkv/tokens"), List.of("a\0b")),
                row("RAFT_NODE_SECRET", "", List.of("", "/etc/raftkv/secret"), List.of("a\0b")),
                row("RAFT_TLS", "", List.of("", "/etc/raftkv/tls"), List.of("a\0b")),
                row("RAFT_INSECURE", "false", List.of("true", "false"), List.of("", "yes", "1")),
                row(
                        "RAFT_ALLOWED_HOSTS",
                        "",
                        List.of("", "kv.example.org", "10.0.0.7,kv.example.org"),
                        List.of(",", "0.0.0.0", "http://kv", "a b", "kv:80")),
                row(
                        "RAFT_CORS_ORIGINS",
                        "",
                        List.of(
                                "",
                                "*",
                                "https://app.example.org",
                                "http://localhost:3000,https://app.example.org:8443,http://[::1]:81"),
                        List.of(
                                ",",
                                "null",
                                "app.example.org",
                                "//app.example.org",
                                "https://",
                                "https://app.example.org/",
                                "https://app.example.org/app",
                                "https://app.example.org?a",
                                "https://app.example.org#a",
                                "https://ada@app.example.org",
                                "https://app.example.org:0",
                                "https://app.example.org:70000",
                                "https://*.example.org",
                                "https://a b",
                                "https://a,",
                                "https://a https://b",
                                "https://a,*",
                                "*,*",
                                "ftp://app.example.org",
                                "file:///",
                                "http://0.0.0.0:80")),
                row("RAFT_RECOVER", "", List.of("", "2026-11-26", "node3.once"), List.of("two words", "a".repeat(65))),
                row("RAFT_ELECTION_TIMEOUT_MS", "500", List.of("100", "60000"), List.of("", "99", "60001", "500ms")),
                row("RAFT_WRITE_TIMEOUT_MS", "5000", List.of("100", "600000"), List.of("", "99", "600001", "5s")),
                row("RAFT_READ_TIMEOUT_MS", "3000", List.of("100", "600000"), List.of("", "99", "600001", "3s")),
                row("RAFT_JOIN_TIMEOUT_MS", "60000", List.of("1000", "3600000"), List.of("", "999", "3600001")),
                row("RAFT_STOP_TIMEOUT_MS", "5000", List.of("100", "600000"), List.of("", "99", "600001")),
                row("RAFT_MAX_VALUE_BYTES", "1048576", List.of("1", "8388608"), List.of("", "0", "8388609", "1MB")),
                row("RAFT_MAX_PENDING_WRITES", "10000", List.of("1", "1000000"), List.of("", "0", "1000001")),
                row("RAFT_MAX_WATCHES", "20000", List.of("0", "1000000"), List.of("", "-1", "1000001")),
                row("RAFT_CONSUL", "on", List.of("off", "on"), List.of("", "true", "consul")),
                row("RAFT_CONSUL_DATACENTER", "dc1", List.of("dc1", "eu-west.2"), List.of("", "a b", "a/b")),
                row(
                        "RAFT_CONSUL_SESSION_TTL_MIN_MS",
                        "10000",
                        List.of("1", "86400000"),
                        List.of("", "0", "86400001", "10s")),
                row("RAFT_CACHE_MB", "32", List.of("1", "65536"), List.of("", "0", "65537", "60%")),
                row("RAFT_MIN_FREE_DISK_MB", "100", List.of("0", "1048576"), List.of("", "-1", "1048577")),
                row(
                        "RAFT_SNAPSHOT_ENTRIES",
                        "100000",
                        List.of("10", "100000000"),
                        List.of("", "9", "100000001", "1e5")),
                row(
                        "RAFT_SNAPSHOT_LOG_MB",
                        "64",
                        List.of("1", "65536"),
                        List.of("", "0", "65537", "99999999999999999999")),
                row("RAFT_LOG_FORMAT", "text", List.of("text", "json"), List.of("", "xml")));
    }

    private static Row row(String name, String defaultText, List<String> accepted, List<String> refused) {
        return new Row(name, defaultText, accepted, refused);
    }

    @Test
    void everySettingHasItsRowInOrder() {
        assertEquals(
                Arrays.stream(Setting.values()).map(Setting::name).toList(),
                rows().map(Row::name).toList());
    }

    @ParameterizedTest
    @MethodSource("rows")
    void defaultIsTheOneThatUsersAreShown(Row row) {
        assertEquals(row.defaultText(), Setting.valueOf(row.name()).defaultText());
    }

    @ParameterizedTest
    @MethodSource("rows")
    void valuesInRangeAreUsedAsTheyAre(Row row) {
        for (String value : row.accepted()) {
            assertEquals(Optional.of(value), Setting.valueOf(row.name()).accept(value));
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void valuesOutOfRangeAreRefused(Row row) {
        for (String value : row.refused()) {
            assertEquals(Optional.empty(), Setting.valueOf(row.name()).accept(value), "value: " + value);
        }
    }

    @Test
    void bracketsOfAnIpv6HostAreRemoved() {
        assertEquals(Optional.of("::1"), Setting.RAFT_HOST.accept("[::1]"));
    }

    @Test
    void slashesAtTheEndOfAnAddressAreRemoved() {
        assertEquals(Optional.of("http://a/kv"), Setting.RAFT_HTTP_ADDRESS.accept("http://a/kv//"));
        assertEquals(Optional.of("http://a"), Setting.RAFT_HTTP_ADDRESS.accept("http://a/"));
    }

    @Test
    void originsAreAsBrowsersWriteThem() {
        assertEquals(
                Optional.of("https://app.example.org,http://localhost,http://[fd00::a]:443"),
                Setting.RAFT_CORS_ORIGINS.accept(
                        "HTTPS://App.Example.org:443, http://localhost:80 ,http://[FD00::A]:443"));
    }

    @Test
    void wordsAreReadInAnyCase() {
        assertEquals(Optional.of("forward"), Setting.RAFT_FOLLOWER_WRITES.accept("Forward"));
    }

    @Test
    void zerosInFrontOfANumberAreRemoved() {
        assertEquals(Optional.of("80"), Setting.SERVER_PORT.accept("0080"));
    }

    @Test
    void directoryIsMadeAbsoluteFromTheWorkingDirectory() {
        assertEquals(Optional.of("data"), Setting.RAFT_VOL_DIR.accept("./x/../data"));
    }
}
