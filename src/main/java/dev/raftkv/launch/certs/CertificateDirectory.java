package dev.raftkv.launch.certs;

import dev.raftkv.tls.Pem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A directory with an authority, and with a directory for each node that it vouches for. Nothing is ever overwritten. */
public final class CertificateDirectory {
    public static final String AUTHORITY = "ca.pem";
    public static final String AUTHORITY_KEY = "ca-key.pem";

    private static final String CERTIFICATE = "cert.pem";
    private static final String KEY = "key.pem";

    private static final Duration AUTHORITY_HOLDS = Duration.ofDays(3650);
    private static final Duration NODE_HOLDS = Duration.ofDays(365);

    /** For machines whose clocks are behind. */
    private static final Duration BEFORE = Duration.ofHours(1);

    private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "::1");

    private final Path directory;
    private final Authority authority;
    private final Instant now;

    private CertificateDirectory(Path directory, Authority authority, Instant now) {
        this.directory = directory;
        this.authority = authority;
        this.now = now;
    }

    /**
     * A node's directory.
     *
     * @param hosts that its certificate is for
     */
    public record Made(Path directory, List<String> hosts, Instant until) {}

    /**
     * With the authority that is there; one is made if there is none.
     *
     * @throws CertsException if the directory cannot be used
     */
    public static CertificateDirectory open(Path directory, Instant now) throws CertsException {
        Path certificate = directory.resolve(AUTHORITY);
        Path key = directory.resolve(AUTHORITY_KEY);
        try {
            if (exists(certificate) != exists(key)) {
                throw new CertsException(directory + " has only one of " + AUTHORITY + " and " + AUTHORITY_KEY
                        + ": bring the other, or take another directory for a new authority");
            }
            if (exists(key)) {
                Authority authority = Authority.read(Files.readString(certificate), Files.readString(key));
                if (now.isAfter(authority.certificate().getNotAfter().toInstant())) {
                    throw new CertsException(certificate + " has expired: take another directory for a new authority");
                }
                return new CertificateDirectory(directory, authority, now);
            }
            Files.createDirectories(directory);
            // So that two of them can be told apart, where both are trusted and where one is refused.
            String name = "raftkv authority %08x".formatted(new SecureRandom().nextInt());
            Authority authority = Authority.create(name, now.minus(BEFORE), now.plus(AUTHORITY_HOLDS));
            write(key, Pem.text(Pem.PRIVATE_KEY, authority.key().getEncoded()), "rw-------");
            write(certificate, Pem.text(Pem.CERTIFICATE, authority.certificate().getEncoded()), "rw-r--r--");
            return new CertificateDirectory(directory, authority, now);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new CertsException(
                    certificate + " and " + key + " cannot be used (" + e.getMessage()
                            + "): they must be as this command has made them",
                    e);
        } catch (IOException e) {
            throw cannotWrite(directory, e);
        }
    }

    /** When its authority ends. */
    public Instant until() {
        return authority.certificate().getNotAfter().toInstant();
    }

    /**
     * Makes a directory for each node.
     *
     * @param hosts beside the node's name and those of the machine itself
     * @throws CertsException with nothing made, if one of them is there already
     */
    public List<Made> add(List<String> nodes, List<String> hosts) throws CertsException {
        for (String node : nodes) {
            if (exists(directory.resolve(node))) {
                throw new CertsException(directory.resolve(node)
                        + " is there already, and nothing is overwritten: move it away to make another certificate for "
                        + node);
            }
        }
        List<Made> made = new ArrayList<>();
        try {
            for (String node : nodes) {
                made.add(make(node, hosts));
            }
        } catch (IOException e) {
            throw cannotWrite(directory, e);
        } catch (GeneralSecurityException e) {
            throw new CertsException("this Java cannot make certificates (" + e.getMessage() + ")", e);
        }
        return made;
    }

    private Made make(String node, List<String> hosts) throws IOException, GeneralSecurityException {
        Set<String> names = new LinkedHashSet<>();
        if (isHost(node)) {
            names.add(node);
        }
        names.addAll(hosts);
        names.addAll(LOOPBACK);
        Instant asked = now.plus(NODE_HOLDS);
        Instant until = asked.isBefore(until()) ? asked : until();
        KeyPair pair = Authority.newKey();
        X509Certificate certificate = authority.issue(pair, node, List.copyOf(names), now.minus(BEFORE), until);
        Path home = Files.createDirectories(directory.resolve(node));
        write(home.resolve(KEY), Pem.text(Pem.PRIVATE_KEY, pair.getPrivate().getEncoded()), "rw-------");
        write(home.resolve(CERTIFICATE), Pem.text(Pem.CERTIFICATE, certificate.getEncoded()), "rw-r--r--");
        write(
                home.resolve(AUTHORITY),
                Pem.text(Pem.CERTIFICATE, authority.certificate().getEncoded()),
                "rw-r--r--");
        return new Made(home, List.copyOf(names), until);
    }

    /** Whether a certificate can be made for it: a host name of DNS or an address. */
    public static boolean isHost(String text) {
        return text.matches("(?i)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
                        && text.length() < 254
                || text.matches("(?i)[0-9a-f:.]*:[0-9a-f:.]*") && Extensions.isAddress(text);
    }

    private static boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    private static CertsException cannotWrite(Path directory, IOException e) {
        return new CertsException(
                directory + " cannot be used (" + e + "): make it, for your user, or name another", e);
    }

    /** A new file that has these permissions from its first byte on, where the system has such. */
    private static void write(Path file, String text, String permissions) throws IOException {
        boolean isPosix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] attributes = isPosix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
        try (SeekableByteChannel channel = Files.newByteChannel(
                file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
            ByteBuffer bytes = StandardCharsets.US_ASCII.encode(text);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }
}
