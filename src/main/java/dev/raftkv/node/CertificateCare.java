package dev.raftkv.node;

import dev.raftkv.ops.Exposition;
import dev.raftkv.ops.Source;
import dev.raftkv.tls.Tls;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks for new certificates while the node runs, and tells in time that those in use end. */
final class CertificateCare implements Source, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateCare.class);

    private static final Duration PAUSE = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofDays(30);
    private static final Duration TELL_AGAIN = Duration.ofDays(1);

    private final String nodeId;
    private final Tls tls;
    private final Rounds rounds;

    /** When to tell again that the certificates end. Belongs to the thread that looks. */
    private Instant silent = Instant.MIN;

    CertificateCare(String nodeId, Tls tls) {
        this.nodeId = nodeId;
        this.tls = tls;
        this.rounds = new Rounds("raftkv-" + nodeId + "-certificates", PAUSE, this::look);
    }

    void start() {
        tellEnd(Instant.now());
        rounds.start();
    }

    /** The pauses always begin anew: they stay as short as they are. */
    private boolean look() {
        tls.reread();
        tellEnd(Instant.now());
        return true;
    }

    private void tellEnd(Instant now) {
        Instant end = tls.expires();
        if (now.plus(SOON).isBefore(end) || now.isBefore(silent)) {
            return;
        }
        silent = now.plus(TELL_AGAIN);
        LOG.warn(
                "node {}: its certificate {} at {}: put a new cert.pem and key.pem into RAFT_TLS, it takes them while it runs",
                nodeId,
                now.isBefore(end) ? "expires in " + Duration.between(now, end).toDays() + " days," : "has expired",
                end);
    }

    @Override
    public void write(Exposition out) {
        out.gauge(
                "raftkv_certificate_expiry_timestamp_seconds",
                "When the node's certificate or that of its authority ends, in seconds since 1970.",
                tls.expires().getEpochSecond());
    }

    @Override
    public void close() {
        rounds.close();
    }
}
