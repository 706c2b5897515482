package dev.raftkv.access;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.raftkv.testkit.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A node that seals, node2, and one that checks its seals, node1, with clocks of their own. */
final class NodesThatSeal {
    static final String SECRET = "0123456789abcdef0123456789abcdef";
    static final String OTHER = "fedcba9876543210fedcba9876543210";
    static final byte[] BODY = "{\"key\":1}".getBytes(StandardCharsets.UTF_8);
    /** How many seals are remembered. */
    static final int NONCES = 1000;

    static final String CLUSTER = "7c9a2a4e-0000-4000-8000-000000000001";
    private static final Instant BEGIN = Instant.parse("2026-11-26T10:00:00Z");

    static final Asked WRITE = asked(
            "POST", "/store?key=a%20b", "If-Match", "\"5\"", Seals.CALLER, "alice:writer", Seals.CLUSTER, CLUSTER);

    private final Path directory;
    private int secrets;
    /** Since the beginning, for both. */
    Duration passed = Duration.ZERO;
    /** By which the clock of the one that checks is ahead. */
    Duration drift = Duration.ZERO;

    Seals sender;
    Seals receiver;

    NodesThatSeal(Path directory) throws IOException {
        this.directory = directory;
        changeSecret(SECRET);
        restart(SECRET, NONCES);
    }

    /** Of the one that seals. */
    void changeSecret(String secret) throws IOException {
        sender = new Seals(
                "node2",
                Optional.of(secret(secret)),
                Optional::empty,
                clock(() -> BEGIN.plus(passed)),
                () -> passed.toNanos(),
                NONCES);
    }

    /** Starts the one that checks again. */
    void restart(String secret, int nonces) throws IOException {
        receiver = new Seals(
                "node1",
                Optional.of(secret(secret)),
                () -> Optional.of(CLUSTER),
                clock(() -> BEGIN.plus(passed).plus(drift)),
                () -> passed.toNanos(),
                nonces);
    }

    private static Clock clock(InstantSource source) {
        return source.withZone(ZoneOffset.UTC);
    }

    private NodeSecret secret(String text) throws IOException {
        return NodeSecret.open(PrivateFiles.write(directory.resolve("secret" + secrets++), text));
    }

    static Asked asked(String method, String target, String... headers) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            map.put(headers[i], headers[i + 1]);
        }
        return new Asked(method, target, map::get);
    }

    /** The same with a seal. */
    static Asked sealed(Seals.Made seal, Asked asked) {
        return new Asked(
                asked.method(),
                asked.target(),
                name -> name.equals(Seals.HEADER)
                        ? seal.text()
                        : asked.headers().apply(name));
    }

    Seals.Made seal(Asked asked) {
        return sender.seal(asked, BODY, "node1").orElseThrow();
    }

    Sealed check(Seals.Made seal, Asked asked) {
        return receiver.check(sealed(seal, asked)).orElseThrow();
    }

    SealRefusedException refused(Seals.Made seal, Asked asked) {
        return assertThrows(SealRefusedException.class, () -> check(seal, asked));
    }
}
