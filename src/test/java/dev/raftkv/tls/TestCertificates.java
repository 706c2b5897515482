package dev.raftkv.tls;

import dev.raftkv.launch.certs.Authority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Certificates of one authority, good and bad ones. Each method writes {@code cert.pem}, {@code key.pem} and {@code ca.pem} into
 * a directory of the name below that of this object, over what is there, and returns it.
 */
public final class TestCertificates {
    private static final Duration DAY = Duration.ofDays(1);

    private final Path directory;
    private final Authority authority;

    private TestCertificates(Path directory, Authority authority) {
        this.directory = directory;
        this.authority = authority;
    }

    /** With a new authority: two of them in one directory do not believe each other. */
    public static TestCertificates in(Path directory) {
        Instant now = Instant.now();
        try {
            return new TestCertificates(
                    directory, Authority.create("test authority", now.minus(DAY), now.plus(DAY.multipliedBy(100))));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A good one, for the name, localhost, 127.0.0.1 and ::1. */
    public Path node(String name) {
        return node(name, hosts(name));
    }

    /** A good one, for these hosts alone. */
    public Path node(String name, List<String> hosts) {
        return node(name, hosts, Instant.now().plus(DAY.multipliedBy(50)));
    }

    /** A good one until then. */
    public Path node(String name, List<String> hosts, Instant until) {
        return write(name, pair(), hosts, Instant.now().minus(DAY), until);
    }

    /** A good one of another kind of key. */
    public Path node(String name, KeyPair pair) {
        return write(
                name, pair, hosts(name), Instant.now().minus(DAY), Instant.now().plus(DAY));
    }

    public Path expired(String name) {
        return write(
                name,
                pair(),
                hosts(name),
                Instant.now().minus(DAY),
                Instant.now().minus(Duration.ofHours(1)));
    }

    public Path notYetValid(String name) {
        return write(
                name,
                pair(),
                hosts(name),
                Instant.now().plus(DAY),
                Instant.now().plus(DAY.multipliedBy(2)));
    }

    /** One that nobody vouches for but itself; its {@code ca.pem} is that of the authority, which its owner trusts. */
    public Path selfMade(String name) {
        Instant now = Instant.now();
        try {
            Authority self = Authority.create(name, now.minus(DAY), now.plus(DAY));
            return write(name, self.certificate(), self.key());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the nodes trust. */
    public Path authority() {
        Path file = directory.resolve("ca.pem");
        write(file, authorityText());
        return file;
    }

    public String authorityText() {
        return text(authority.certificate());
    }

    private static List<String> hosts(String name) {
        return List.of(name, "localhost", "127.0.0.1", "::1");
    }

    private static KeyPair pair() {
        try {
            return Authority.newKey();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path write(String name, KeyPair pair, List<String> hosts, Instant from, Instant until) {
        try {
            return write(name, authority.issue(pair, name, hosts, from, until), pair.getPrivate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path write(String name, X509Certificate certificate, PrivateKey key) {
        Path node = directory.resolve(name);
        write(node.resolve("key.pem"), Pem.text(Pem.PRIVATE_KEY, key.getEncoded()));
        write(node.resolve("cert.pem"), text(certificate));
        write(node.resolve("ca.pem"), authorityText());
        return node;
    }

    private static String text(X509Certificate certificate) {
        try {
            return Pem.text(Pem.CERTIFICATE, certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
