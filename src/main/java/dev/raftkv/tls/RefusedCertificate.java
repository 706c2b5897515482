package dev.raftkv.tls;

import java.security.cert.CertificateException;

/** We do not believe the other side's certificate. The message says why, in a sentence. */
final class RefusedCertificate extends CertificateException {
    private static final long serialVersionUID = 1L;

    /** @param refusal of the JDK, whose cause tells it which alert the other side is sent */
    RefusedCertificate(String message, CertificateException refusal) {
        super(message, refusal.getCause() == null ? refusal : refusal.getCause());
    }
}
