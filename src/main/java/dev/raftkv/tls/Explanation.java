package dev.raftkv.tls;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXReason;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** What went wrong between two sides of a connection, in one sentence that says on which of them. */
final class Explanation {
    /** Nobody who shows a certificate can fill a log with its name. */
    private static final int LONGEST_NAME = 100;

    private static final int LONGEST_CHAIN = 20;

    /** As the JDK tells of it, and as BoringSSL does. */
    private static final Pattern ALERT =
            Pattern.compile("(?i)(?:received (?:fatal )?alert: *|:(?:SSLV3|TLSV1)_(?:ALERT_)?)(\\w+)");

    private static final String OUR_CERTIFICATE = "the other side refuses our certificate: ";

    private static final String UNKNOWN_KEY =
            "the other side does not know our kind of key: make one with an EC (P-256) or RSA key";

    /** What the other side can say about us; the names of TLS. */
    private static final Map<String, String> ALERTS = Map.ofEntries(
            Map.entry("certificate_expired", OUR_CERTIFICATE + "by its clock it has expired, or is not valid yet"),
            Map.entry("unknown_ca", OUR_CERTIFICATE + "it does not know the authority that has signed it"),
            Map.entry(
                    "certificate_unknown",
                    OUR_CERTIFICATE + "another authority has signed it, or it is of another name; its log says more"),
            Map.entry("bad_certificate", OUR_CERTIFICATE + "it is damaged, or we have given none; its log says more"),
            Map.entry("certificate_required", "the other side wants a certificate, and we have given none"),
            Map.entry("unsupported_certificate", OUR_CERTIFICATE + "it is not made for this, or its key is too weak"),
            Map.entry("certificate_revoked", OUR_CERTIFICATE + "it has been revoked"),
            Map.entry("access_denied", "the other side does not let us in with our certificate"),
            Map.entry("protocol_version", "the other side speaks no TLS 1.2 or 1.3, or accepts neither"),
            Map.entry(
                    "handshake_failure",
                    "the two sides have no cipher in common, or the other side wants a certificate of us"));

    /** Of messages of the JDK, of BoringSSL and of Netty. */
    private static final List<Map.Entry<String, String>> PHRASES = List.of(
            Map.entry("Empty client certificate chain", "the other side has given no certificate, and must"),
            Map.entry("null cert chain", "the other side has given no certificate, and must"),
            Map.entry("PEER_DID_NOT_RETURN_A_CERTIFICATE", "the other side has given no certificate, and must"),
            Map.entry("plaintext connection", "the other side speaks without encryption"),
            Map.entry("Unsupported or unrecognized SSL message", "the other side speaks without encryption"),
            Map.entry("not an SSL/TLS record", "the other side speaks without encryption"),
            Map.entry("protocol version", "the other side speaks no TLS 1.2 or 1.3, or accepts neither"),
            Map.entry("UNSUPPORTED_PROTOCOL", "the other side speaks no TLS 1.2 or 1.3, or accepts neither"),
            Map.entry("no cipher suites in common", "the two sides have no cipher in common"),
            Map.entry("NO_SHARED_CIPHER", "the two sides have no cipher in common"),
            Map.entry("CertificateVerify signature algorithm", UNKNOWN_KEY),
            Map.entry("NO_COMMON_SIGNATURE_ALGORITHMS", UNKNOWN_KEY),
            Map.entry(
                    "terminated the handshake",
                    "the other side has ended the handshake without a word: it may speak without encryption, or refuse our"
                            + " certificate; its log says more"));

    private Explanation() {}

    static Optional<String> of(Throwable thrown) {
        return Stream.iterate(thrown, each -> each != null, Throwable::getCause)
                .limit(LONGEST_CHAIN)
                .map(Explanation::known)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<String> known(Throwable thrown) {
        String message = thrown.getMessage() == null ? "" : thrown.getMessage();
        if (thrown instanceof TlsException || thrown instanceof RefusedCertificate) {
            return Optional.of(message);
        }
        if (thrown instanceof CertificateException refused && !(refused.getCause() instanceof RefusedCertificate)) {
            return Optional.of("the other side's certificate is refused: " + reason(refused));
        }
        if (thrown instanceof SSLPeerUnverifiedException) {
            return Optional.of("the other side has given no certificate, or one of another name (" + message + ")");
        }
        if (thrown instanceof SSLException) {
            return ofTls(message);
        }
        return Optional.empty();
    }

    private static Optional<String> ofTls(String message) {
        Matcher alert = ALERT.matcher(message);
        if (alert.find()) {
            String name = alert.group(1).toLowerCase(Locale.ROOT);
            return Optional.of(ALERTS.getOrDefault(name, "the other side ends the handshake with " + name));
        }
        return PHRASES.stream()
                .filter(phrase -> message.contains(phrase.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** Why we refuse a certificate of the other side. */
    static String refusal(X509Certificate[] chain, CertificateException refused) {
        return chain == null || chain.length == 0
                ? "the other side has given no certificate"
                : "the other side's certificate, of " + subject(chain[0]) + ", is refused: "
                        + reason(refused, Optional.of(chain));
    }

    private static String reason(CertificateException refused) {
        return reason(refused, Optional.empty());
    }

    private static String reason(CertificateException refused, Optional<X509Certificate[]> chain) {
        for (Throwable each : causes(refused)) {
            if (each instanceof CertificateExpiredException) {
                return "it expired" + chain.flatMap(Explanation::expired).orElse("");
            }
            if (each instanceof CertificateNotYetValidException) {
                return "it is not valid yet by our clock"
                        + chain.flatMap(Explanation::early).orElse("");
            }
            if (each instanceof CertPathBuilderException || isWithoutAnchor(each)) {
                return "no authority in our ca.pem has signed it"
                        + chain.map(certificates -> ", but "
                                        + plain(certificates[certificates.length - 1]
                                                .getIssuerX500Principal()
                                                .getName()))
                                .orElse("");
            }
        }
        String message = refused.getMessage() == null ? refused.toString() : refused.getMessage();
        if (message.contains("subject alternative") || message.startsWith("No name matching")) {
            return "it is not made for the host that was asked (" + plain(message) + ")";
        }
        if (message.contains("Extended key usage") || message.contains("KeyUsage")) {
            return "it is not made for this side of a connection (" + plain(message) + ")";
        }
        return plain(message);
    }

    private static boolean isWithoutAnchor(Throwable thrown) {
        return thrown instanceof CertPathValidatorException invalid
                && (invalid.getReason() == PKIXReason.NO_TRUST_ANCHOR
                        || invalid.getReason() == BasicReason.INVALID_SIGNATURE);
    }

    private static List<Throwable> causes(Throwable thrown) {
        return Stream.iterate(thrown, each -> each != null, Throwable::getCause)
                .limit(LONGEST_CHAIN)
                .toList();
    }

    private static Optional<String> expired(X509Certificate[] chain) {
        Instant now = Instant.now();
        return Stream.of(chain)
                .map(certificate -> certificate.getNotAfter().toInstant())
                .filter(now::isAfter)
                .findFirst()
                .map(time -> " at " + time);
    }

    private static Optional<String> early(X509Certificate[] chain) {
        Instant now = Instant.now();
        return Stream.of(chain)
                .map(certificate -> certificate.getNotBefore().toInstant())
                .filter(now::isBefore)
                .findFirst()
                .map(time -> ", but from " + time);
    }

    /** Whose certificate it is, for people. */
    static String subject(X509Certificate certificate) {
        return Tls.name(certificate)
                .map(Explanation::plain)
                .orElseGet(() -> plain(certificate.getSubjectX500Principal().getName()));
    }

    private static String plain(String text) {
        String plain = text.replaceAll("[^\\x20-\\x7e]", "?");
        return plain.length() > LONGEST_NAME ? plain.substring(0, LONGEST_NAME) + "..." : plain;
    }
}
