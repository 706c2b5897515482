package dev.raftkv.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Tool;
import dev.raftkv.tls.Tls;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertsCommandTest {
    @TempDir
    Path directory;

    @Test
    void whatItMakesIsWhatNodesNeed() throws Exception {
        Path certs = directory.resolve("certs");
        String out = run(certs.toString(), "node1", "node2", "--hosts", "kv.example.com,10.0.0.7");
        Tls node1 = Tls.open(certs.resolve("node1"));
        Tls node2 = Tls.open(certs.resolve("node2"));
        assertEquals(Optional.of("node2"), node1.verified(new X509Certificate[] {node2.certificate()}));
        assertEquals(
                Set.of("node1", "kv.example.com", "10.0.0.7", "localhost", "127.0.0.1", "0:0:0:0:0:0:0:1"),
                node1.certificate().getSubjectAlternativeNames().stream()
                        .map(name -> name.get(1))
                        .collect(Collectors.toSet()));
        assertTrue(node1.expires().isAfter(Instant.now().plus(Duration.ofDays(364))));
        for (String key : List.of("ca-key.pem", "node1/key.pem", "node2/key.pem")) {
            assertEquals(
                    "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(certs.resolve(key))), key);
        }
        assertFalse(Files.exists(certs.resolve("node1/ca-key.pem")));
        assertTrue(out.contains("\n  RAFT_TLS=" + certs.resolve("node1") + "\n"), out);
        assertTrue(out.contains(certs.resolve("node1") + " holds until 20"), out);
    }

    @Test
    void aNodeThatComesLaterIsOfTheSameAuthority() throws Exception {
        run(directory.toString(), "node1");
        Tls node1 = Tls.open(directory.resolve("node1"));
        run(directory.toString(), "node4");
        Tls node4 = Tls.open(directory.resolve("node4"));
        assertEquals(Optional.of("node4"), node1.verified(new X509Certificate[] {node4.certificate()}));
    }

    @Test
    void nothingIsOverwritten() throws Exception {
        run(directory.toString(), "node1");
        byte[] before = Files.readAllBytes(directory.resolve("node1/key.pem"));
        LaunchException refused =
                assertThrows(LaunchException.class, () -> run(directory.toString(), "node2", "node1"));
        assertTrue(refused.getMessage().startsWith(directory.resolve("node1") + " is there already"));
        assertEquals(LaunchException.EXIT_FAILED, refused.exitCode());
        assertFalse(Files.exists(directory.resolve("node2")));
        assertEquals(-1, Arrays.mismatch(before, Files.readAllBytes(directory.resolve("node1/key.pem"))));
    }

    @Test
    void anAuthorityThatIsNotWholeIsNotReplaced() throws Exception {
        run(directory.toString(), "node1");
        Path other = Files.createDirectories(directory.resolve("other"));
        run(other.toString(), "node1");
        Files.copy(other.resolve("ca-key.pem"), directory.resolve("ca-key.pem"), StandardCopyOption.REPLACE_EXISTING);
        assertTrue(assertThrows(LaunchException.class, () -> run(directory.toString(), "node2"))
                .getMessage()
                .contains("cannot be used"));
        Files.delete(directory.resolve("ca-key.pem"));
        assertTrue(assertThrows(LaunchException.class, () -> run(directory.toString(), "node2"))
                .getMessage()
                .startsWith(directory + " has only one of ca.pem and ca-key.pem: bring the other"));
    }

    @Test
    void aWrongUseIsToldTheRightOne() {
        for (List<String> wrong : List.of(
                List.<String>of(),
                List.of("certs"),
                List.of("certs", "a/b"),
                List.of("certs", ".."),
                List.of("certs", "ca.pem"),
                List.of("certs", "node1", "--hosts"),
                List.of("certs", "node1", "--hosts=a b"),
                List.of("certs", "node1", "--hosts=a,,b"),
                List.of("certs", "node1", "--host=a"))) {
            LaunchException refused =
                    assertThrows(LaunchException.class, () -> run(wrong.toArray(String[]::new)), wrong::toString);
            assertEquals(LaunchException.EXIT_WRONG_USE, refused.exitCode());
            assertTrue(refused.getMessage()
                    .endsWith("Use it so: java -jar raftkv.war certs DIRECTORY NODE... [--hosts NAME,NAME]"));
        }
        assertFalse(Files.exists(Path.of("certs")));
    }

    @Test
    void openSslFindsNothingWrongWithThem() throws Exception {
        Assumptions.assumeTrue(Tool.isInstalled("openssl"));
        run(directory.toString(), "node1");
        Tool.Result verified = Tool.run(
                directory,
                "",
                "openssl",
                "verify",
                "-x509_strict",
                "-purpose",
                "sslserver",
                "-verify_hostname",
                "node1",
                "-CAfile",
                "ca.pem",
                "node1/cert.pem");
        assertEquals("node1/cert.pem: OK", verified.output().strip());
    }

    private static String run(String... arguments) throws LaunchException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LaunchCommand.CERTS.run(List.of(arguments), new PrintStream(out, true, StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8);
    }
}
