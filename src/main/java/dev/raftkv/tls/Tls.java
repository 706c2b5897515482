package dev.raftkv.tls;

import java.nio.file.Path;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509TrustManager;

/**
 * A node's key and certificate, and the authorities whose certificates it believes, from {@code cert.pem}, {@code key.pem} and
 * {@code ca.pem} in a directory. It sees new ones when it is told to {@link #reread}: every 10 s is often enough.
 */
public final class Tls {
    private static final Logger LOG = Logger.getLogger(Tls.class.getName());

    /** After that a session is agreed on anew, and the certificates of both sides are looked at again. */
    private static final Duration SESSION = Duration.ofHours(1);

    /** Whoever has one of these is looked at once; more than that many are looked at each time. */
    private static final int MOST_KNOWN = 1000;

    /** The numbers of serverAuth and clientAuth. */
    private static final List<String> NODE_USES = List.of("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");

    private final Path directory;
    private final LiveContext context;
    private volatile State state;

    /** Not taken: what it was, and whether that has been told. */
    private Optional<PemFiles> refused = Optional.empty();

    private boolean told;

    /**
     * What another TLS than the JDK's shows and judges certificates with.
     *
     * @param certificate that the key manager shows
     * @param trust says in a sentence why it refuses a certificate
     */
    public record Managers(X509Certificate certificate, KeyManager key, X509TrustManager trust) {}

    /** @param known who has been believed; only ever by these credentials */
    private record State(
            PemFiles files, Credentials credentials, Managers managers, Map<X509Certificate, Known> known) {
        static State of(Path directory, PemFiles files) {
            Credentials credentials = Credentials.of(directory, files);
            return new State(files, credentials, credentials.managers(), new ConcurrentHashMap<>());
        }
    }

    /**
     * What is the same for each message of whoever has a certificate; finding it out again would take longer than the message.
     *
     * @param until when the certificate ends, or one of those it is believed by
     */
    private record Known(Optional<String> name, boolean isNode, Instant until) {
        static Known of(X509Certificate[] chain, Trust trust) {
            return new Known(Tls.name(chain[0]), isForNodes(chain[0]) && isServer(chain, trust), end(chain));
        }

        private static boolean isServer(X509Certificate[] chain, Trust trust) {
            try {
                trust.require(chain);
                return true;
            } catch (RefusedCertificate e) {
                return false;
            }
        }
    }

    private Tls(Path directory, State first) {
        this.directory = directory;
        this.state = first;
        this.context = new LiveContext(context(first));
    }

    private static SSLContext context(State state) {
        SSLContext context = state.credentials().context();
        context.getServerSessionContext().setSessionTimeout((int) SESSION.toSeconds());
        context.getClientSessionContext().setSessionTimeout((int) SESSION.toSeconds());
        return context;
    }

    /**
     * Reads a directory.
     *
     * @throws TlsException if something is missing or unreadable, does not belong together, or does not hold now
     */
    public static Tls open(Path directory) {
        PemFiles files = PemFiles.read(directory);
        Optional<String> warning = PemFiles.guarded(directory);
        Tls tls = new Tls(directory, State.of(directory, files));
        warning.ifPresent(LOG::warning);
        return tls;
    }

    /**
     * The same object for good. What is made of it (engines, sockets) is by the certificates of its time; only TLS 1.2 and
     * 1.3. Whether the other side must show a certificate, and whether its host is looked at, is up to who makes them.
     */
    public SSLContext context() {
        return context;
    }

    /** The same object until other certificates are taken. */
    public Managers managers() {
        return state.managers();
    }

    /**
     * Takes what has changed, if it is whole and good. If not, what was before stays, and a warning is logged as soon as the
     * same is found a second time: so nothing is said of files that are just being replaced. Blocks for the disk.
     */
    public void reread() {
        LogRecord news = look();
        if (news != null) {
            news.setLoggerName(LOG.getName());
            LOG.log(news);
        }
    }

    /** Does what {@link #reread} does, and leaves the log to another who reads the same directory. */
    public void rereadQuietly() {
        look();
    }

    /** Null if there is nothing to tell. */
    synchronized LogRecord look() {
        Optional<PemFiles> found = Optional.empty();
        try {
            PemFiles files = PemFiles.read(directory);
            found = Optional.of(files);
            LogRecord news = null;
            if (!files.equals(state.files())) {
                PemFiles.guarded(directory);
                State next = State.of(directory, files);
                context.become(context(next));
                state = next;
                news = new LogRecord(
                        Level.INFO, "takes the new certificate in " + directory + ", which holds until " + expires());
            }
            refused = Optional.empty();
            told = false;
            return news;
        } catch (TlsException e) {
            // What cannot be read counts as one content, so that it is told once too.
            PemFiles now = found.orElse(new PemFiles("", "", ""));
            boolean again = refused.filter(now::equals).isPresent();
            boolean tell = again && !told;
            told = again;
            refused = Optional.of(now);
            return tell
                    ? new LogRecord(Level.WARNING, "the certificate of before stays in use: " + e.getMessage())
                    : null;
        }
    }

    /** When the first of the certificates ends that the node cannot do without: its own, or that of its authority. */
    public Instant expires() {
        return state.credentials().expires();
    }

    /** The certificate that the node shows. */
    public X509Certificate certificate() {
        return state.credentials().chain().get(0);
    }

    /** The name of whoever has a certificate: its CN, or empty if it has none. */
    public static Optional<String> name(X509Certificate certificate) {
        try {
            return new LdapName(certificate.getSubjectX500Principal().getName())
                    .getRdns().stream()
                            .filter(part -> part.getType().equalsIgnoreCase("CN"))
                            .map(Rdn::getValue)
                            .filter(String.class::isInstance)
                            .map(String.class::cast)
                            .findFirst();
        } catch (InvalidNameException e) {
            return Optional.empty();
        }
    }

    /**
     * The name of whoever has shown these certificates in a handshake, if one of our authorities vouches for them now. Cheap
     * for one that was asked about before.
     *
     * @param chain as the handshake gave it; may be null or empty
     */
    public Optional<String> verified(X509Certificate[] chain) {
        return known(chain).flatMap(Known::name);
    }

    /**
     * The same of whoever has shown a node's certificate: one that names servers and clients as what it is for, and that is good
     * for both. One that a client was given, by the same authority, is none.
     */
    public Optional<String> verifiedNode(X509Certificate[] chain) {
        return known(chain).filter(Known::isNode).flatMap(Known::name);
    }

    private Optional<Known> known(X509Certificate[] chain) {
        if (chain == null || chain.length == 0) {
            return Optional.empty();
        }
        State now = state;
        Known known = now.known().get(chain[0]);
        if (known == null || Instant.now().isAfter(known.until())) {
            try {
                now.credentials().trust().requireClient(chain);
            } catch (RefusedCertificate e) {
                return Optional.empty();
            }
            known = Known.of(chain, now.credentials().trust());
            if (now.known().size() < MOST_KNOWN) {
                now.known().put(chain[0], known);
            }
        }
        return Optional.of(known);
    }

    /** Whether a certificate names servers and clients as what it is for (extendedKeyUsage serverAuth and clientAuth). */
    public static boolean isForNodes(X509Certificate certificate) {
        try {
            List<String> uses = certificate.getExtendedKeyUsage();
            return uses != null && uses.containsAll(NODE_USES);
        } catch (CertificateParsingException e) {
            return false;
        }
    }

    private static Instant end(X509Certificate[] chain) {
        return Stream.of(chain)
                .map(X509Certificate::getNotAfter)
                .map(Date::toInstant)
                .min(Instant::compareTo)
                .orElseThrow();
    }

    /**
     * What is wrong with a certificate, in one sentence, and on which side; of what has nothing to do with TLS, what it says
     * itself.
     */
    public static String explain(Throwable thrown) {
        return problem(thrown).orElseGet(thrown::toString);
    }

    /** The same, or empty if it has nothing to do with TLS. */
    public static Optional<String> problem(Throwable thrown) {
        return Explanation.of(thrown);
    }
}
