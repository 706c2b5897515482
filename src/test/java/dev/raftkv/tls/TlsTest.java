package dev.raftkv.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
    @TempDir
    Path directory;

    private TestCertificates ours;
    private TestCertificates others;

    @BeforeEach
    void makeAuthorities() {
        ours = TestCertificates.in(directory.resolve("ours"));
        others = TestCertificates.in(directory.resolve("others"));
    }

    @Test
    void twoNodesOfOneAuthorityKnowEachOthersNames() throws Exception {
        Tls server = Tls.open(ours.node("node1"));
        Tls client = Tls.open(ours.node("node2"));
        Handshake handshake = shake(client.context(), server.context());
        assertEquals(Optional.of("node2"), server.verified(handshake.shownByClient()));
        assertEquals(Optional.of("node1"), client.verified(handshake.shownByServer()));
        assertEquals(Optional.empty(), server.verified(null));
        assertEquals(Optional.empty(), server.verified(new X509Certificate[0]));
    }

    @Test
    void aClientsCertificateIsNoNodes() throws Exception {
        Tls node = Tls.open(ours.node("node1"));
        X509Certificate client = certificate(ours.client("prometheus"));
        X509Certificate[] shown = {client};
        assertEquals(List.of("1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.2"), client.getExtendedKeyUsage());
        assertEquals(Optional.of("prometheus"), node.verified(shown));
        assertEquals(Optional.empty(), node.verifiedNode(shown));
        assertEquals(Optional.of("node2"), node.verifiedNode(new X509Certificate[] {certificate(ours.node("node2"))}));
        assertEquals(Optional.empty(), node.verifiedNode(new X509Certificate[] {certificate(others.node("node2"))}));
        assertEquals(Optional.empty(), node.verifiedNode(null));
    }

    private static X509Certificate certificate(Path shown) throws Exception {
        return Pem.certificates(Files.readString(shown.resolve("cert.pem"))).get(0);
    }

    @Test
    void onlyTls12AndTls13AreSpoken() throws Exception {
        Tls tls = Tls.open(ours.node("node1"));
        assertEquals(
                List.of("TLSv1.3", "TLSv1.2"),
                List.of(tls.context().createSSLEngine().getEnabledProtocols()));
        assertEquals(
                "TLSv1.2",
                shake(tls.context(), tls.context(), List.of("TLSv1.2")).protocol());
        assertEquals("TLSv1.3", shake(tls.context(), tls.context()).protocol());
    }

    @Test
    void theCipherThatIsFasterInThisJvmComesFirst() {
        String[] supported = {"TLS_AES_128_GCM_SHA256", "TLS_RSA_WITH_NULL_MD5", "TLS_CHACHA20_POLY1305_SHA256"};
        assertArrayEquals(
                new String[] {"TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"},
                Ciphers.of(supported, List.of("-Xmx256m")));
        assertArrayEquals(
                new String[] {"TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"},
                Ciphers.of(supported, List.of("-Xmx256m", "-XX:TieredStopAtLevel=1")));
        assertArrayEquals(
                Ciphers.of(supported, List.of()),
                Ciphers.of(supported, List.of("-XX:TieredStopAtLevel=1", "-XX:TieredStopAtLevel=4")));
    }

    @Test
    void anRsaKeyDoesToo() throws Exception {
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(2048);
        Tls server = Tls.open(ours.node("node1", rsa.generateKeyPair()));
        Tls client = Tls.open(ours.node("node2"));
        assertEquals(
                Optional.of("node2"),
                server.verified(shake(client.context(), server.context()).shownByClient()));
        assertEquals(
                Optional.of("node1"),
                server.verified(shake(server.context(), client.context()).shownByClient()));
    }

    @Test
    void whatIsWrongWithTheFilesIsSaid() throws Exception {
        Path node = ours.node("node1");
        assertRefused("is no directory", directory.resolve("nothing"));
        for (String file : List.of("cert.pem", "key.pem", "ca.pem")) {
            Path missing = copy(node, "missing-" + file);
            Files.delete(missing.resolve(file));
            assertRefused(file + " is missing: ", missing);
            Path text = copy(node, "text-" + file);
            Files.writeString(text.resolve(file), "hello");
            assertRefused("it must be PEM", text);
            Path broken = copy(node, "broken-" + file);
            String label = file.equals("key.pem") ? "PRIVATE KEY" : "CERTIFICATE";
            Files.writeString(
                    broken.resolve(file), "-----BEGIN " + label + "-----\nAAAA\n-----END " + label + "-----\n");
            assertRefused(file, broken);
        }
        assertRefused("expired at ", ours.expired("late"));
        assertRefused("is not valid before ", ours.notYetValid("early"));
        assertRefused("no authority in our ca.pem has signed it", ours.selfMade("self"));
        Path foreign = ours.node("foreign");
        Files.copy(others.authority(), foreign.resolve("ca.pem"), StandardCopyOption.REPLACE_EXISTING);
        assertRefused("does not hold by " + foreign.resolve("ca.pem"), foreign);
    }

    @Test
    void whatIsWrongWithTheKeyIsSaid() throws Exception {
        Path node = ours.node("node1");
        Path swapped = copy(node, "swapped");
        Files.copy(
                ours.node("other").resolve("key.pem"), swapped.resolve("key.pem"), StandardCopyOption.REPLACE_EXISTING);
        assertRefused("is not the key of " + swapped.resolve("cert.pem"), swapped);

        Path encrypted = copy(node, "encrypted");
        relabel(encrypted, "ENCRYPTED PRIVATE KEY");
        assertRefused("is encrypted", encrypted);
        Path sec1 = copy(node, "sec1");
        relabel(sec1, "EC PRIVATE KEY");
        assertRefused("openssl pkcs8 -topk8", sec1);

        assertRefused(
                "make one with an EC (P-256) or RSA key",
                ours.node("edwards", KeyPairGenerator.getInstance("Ed25519").generateKeyPair()));
    }

    @Test
    void aKeyThatOthersCanWriteIsRefused() throws Exception {
        Path node = ours.node("node1");
        for (String permissions : List.of("rw--w----", "rw-----w-")) {
            Files.setPosixFilePermissions(node.resolve("key.pem"), PosixFilePermissions.fromString(permissions));
            assertRefused("can be written by others: chmod 600", node);
        }
        Files.setPosixFilePermissions(node.resolve("key.pem"), PosixFilePermissions.fromString("rw-r--r--"));
        assertEquals(
                Optional.of(node.resolve("key.pem") + " can be read by everybody on this machine: chmod 600 "
                        + node.resolve("key.pem")),
                PemFiles.guarded(node));
        Tls.open(node);
        Files.setPosixFilePermissions(node.resolve("key.pem"), PosixFilePermissions.fromString("rw-r-----"));
        assertEquals(Optional.empty(), PemFiles.guarded(node));
    }

    @Test
    void whoHasTheContextSeesTheNewCertificate() throws Exception {
        Tls server = Tls.open(ours.node("node1"));
        Tls client = Tls.open(ours.node("node2"));
        SSLContext held = server.context();
        X509Certificate before = shake(client.context(), held).shownByServer()[0];
        ours.node("node1");
        server.reread();
        X509Certificate after = shake(client.context(), held).shownByServer()[0];
        assertEquals(server.certificate(), after);
        assertFalse(after.equals(before));
    }

    @Test
    void aSessionIsResumedUntilTheCertificatesChange() throws Exception {
        Tls server = Tls.open(ours.node("node1"));
        Tls client = Tls.open(ours.node("node2"));
        List<String> old = List.of("TLSv1.2");
        long first = shake(client.context(), server.context(), old).createdMillis();
        Thread.onSpinWait();
        assertEquals(first, shake(client.context(), server.context(), old).createdMillis());
        ours.node("node1");
        server.reread();
        Handshake anew = shake(client.context(), server.context(), old);
        assertEquals(server.certificate(), anew.shownByServer()[0]);
    }

    @Test
    void badFilesAreNotTakenAndToldOnce() throws Exception {
        Path node = ours.node("node1");
        Tls tls = Tls.open(node);
        X509Certificate before = tls.certificate();
        Files.writeString(node.resolve("cert.pem"), "half");
        assertNull(tls.look(), "somebody may be writing it");
        assertTrue(tls.look().getMessage().contains("the certificate of before stays in use: "));
        assertNull(tls.look());
        ours.expired("node1");
        assertNull(tls.look());
        assertTrue(tls.look().getMessage().contains("expired at "));
        Files.delete(node.resolve("key.pem"));
        assertNull(tls.look());
        assertTrue(tls.look().getMessage().contains("key.pem is missing"));
        assertEquals(before, tls.certificate());
        ours.node("node1");
        assertEquals(Level.INFO, tls.look().getLevel());
        assertFalse(before.equals(tls.certificate()));
    }

    @Test
    void whoWasBelievedIsNotWhenTheAuthorityIsReplaced() throws Exception {
        Tls server = Tls.open(ours.node("node1"));
        Tls client = Tls.open(ours.node("node2"));
        X509Certificate[] shown = shake(client.context(), server.context()).shownByClient();
        assertEquals(Optional.of("node2"), server.verified(shown));

        Path replaced = others.node("node1");
        for (String file : List.of("key.pem", "cert.pem", "ca.pem")) {
            Files.copy(
                    replaced.resolve(file),
                    directory.resolve("ours/node1").resolve(file),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        server.reread();
        assertEquals(Optional.empty(), server.verified(shown));
        assertEquals(
                "the other side's certificate, of node1, is refused: no authority in our ca.pem has signed it, but"
                        + " CN=test authority",
                refusal(client.context(), server.context()));
        assertEquals(
                "the other side's certificate, of node2, is refused: no authority in our ca.pem has signed it, but"
                        + " CN=test authority",
                refusal(trusting(others, "node2"), server.context()));
    }

    @Test
    void anOldAndANewAuthorityAreBothBelieved() throws Exception {
        Path node = ours.node("node1");
        Files.writeString(node.resolve("ca.pem"), others.authorityText() + ours.authorityText());
        Tls both = Tls.open(node);
        Path other = others.node("node2");
        Files.writeString(other.resolve("ca.pem"), others.authorityText() + ours.authorityText());
        Tls moved = Tls.open(other);
        assertEquals(
                Optional.of("node2"),
                both.verified(shake(moved.context(), both.context()).shownByClient()));
    }

    @Test
    void whatEachSideRefusesIsExplainedOnBoth() throws Exception {
        Tls good = Tls.open(ours.node("node1"));
        Instant soon = Instant.now().plusSeconds(2);
        Tls expiring = Tls.open(ours.node("late", List.of("localhost"), soon));
        Tls named = Tls.open(ours.node("elsewhere", List.of("elsewhere.example")));

        assertTrue(refusal(good.context(), named.context())
                .startsWith(
                        "the other side's certificate, of elsewhere, is refused: it is not made for the host that was"
                                + " asked (No subject alternative"));
        SSLContext nobody = SSLContext.getInstance("TLS");
        nobody.init(null, new TrustManager[] {Trust.in(List.of(good.certificate()))}, null);
        assertEquals("the other side has given no certificate, and must", refusal(nobody, good.context()));

        Eventually.eventually(
                Duration.ofSeconds(20), () -> assertTrue(Instant.now().isAfter(soon)));
        assertEquals(
                "the other side's certificate, of late, is refused: it expired at "
                        + expiring.certificate().getNotAfter().toInstant(),
                refusal(good.context(), expiring.context()));
        assertEquals(Optional.empty(), good.verified(new X509Certificate[] {expiring.certificate()}));
        assertEquals(
                "the other side refuses our certificate: by its clock it has expired, or is not valid yet",
                Tls.explain(new SSLException("Received fatal alert: certificate_expired")));
        assertEquals(
                "the other side speaks without encryption",
                Tls.explain(new IOException(new SSLException("Unsupported or unrecognized SSL message"))));
        assertEquals("java.io.IOException: disk", Tls.explain(new IOException("disk")));
    }

    @Test
    void theFirstEndOfACertificateIsTold() throws Exception {
        Instant end = Instant.now().plusSeconds(1000);
        assertEquals(
                end.getEpochSecond(),
                Tls.open(ours.node("node1", List.of("localhost"), end))
                        .expires()
                        .getEpochSecond());
    }

    private SSLContext trusting(TestCertificates authority, String name) throws IOException {
        Path node = copy(ours.node(name), name + "-trusting");
        Files.writeString(node.resolve("ca.pem"), ours.authorityText() + authority.authorityText());
        return Tls.open(node).context();
    }

    private Path copy(Path from, String name) throws IOException {
        Path to = Files.createDirectories(directory.resolve("copies").resolve(name));
        for (String file : List.of("cert.pem", "key.pem", "ca.pem")) {
            Files.copy(from.resolve(file), to.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
        }
        return to;
    }

    private static void relabel(Path node, String label) throws IOException {
        Path key = node.resolve("key.pem");
        Files.writeString(key, Files.readString(key).replace("PRIVATE KEY", label));
    }

    private static void assertRefused(String sentence, Path node) {
        TlsException refused = assertThrows(TlsException.class, () -> Tls.open(node));
        assertTrue(refused.getMessage().contains(sentence), refused::getMessage);
    }

    private static String refusal(SSLContext client, SSLContext server) {
        return Tls.explain(assertThrows(SSLException.class, () -> shake(client, server)));
    }

    private static Handshake shake(SSLContext client, SSLContext server) throws SSLException {
        return shake(client, server, List.of("TLSv1.3", "TLSv1.2"));
    }

    private static Handshake shake(SSLContext client, SSLContext server, List<String> protocols) throws SSLException {
        SSLEngine asks = client.createSSLEngine("localhost", 1);
        asks.setUseClientMode(true);
        SSLParameters parameters = asks.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setProtocols(protocols.toArray(String[]::new));
        asks.setSSLParameters(parameters);
        SSLEngine answers = server.createSSLEngine();
        answers.setUseClientMode(false);
        answers.setNeedClientAuth(true);
        return Handshake.between(asks, answers);
    }
}
