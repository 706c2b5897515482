package dev.raftkv.access;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import javax.crypto.spec.SecretKeySpec;

/**
 * How the nodes of a cluster know each other over HTTP: they seal what they ask by a secret that they share. A seal is believed
 * within half a minute, once, and by the node that it names. Without a secret nothing is sealed and no seal is believed, but for
 * what a node asks itself. Thread-safe.
 */
public final class Seals {
    /** The header field with the seal of a request. */
    public static final String HEADER = "Raft-Seal";

    /** The header field of an answer by which a node shows that it knows the secret, and does not do what was asked. */
    public static final String REFUSED = "Raft-Seal-Refused";

    /** The header field that tells who has asked the node that passes a request on; see {@link PassedOn}. */
    public static final String CALLER = "Raft-Caller";

    /** The header field that tells which cluster a request is for, so that it does no harm in another one. */
    public static final String CLUSTER = "Raft-Cluster";

    /** As whom nodes ask each other, for whoever wonders. It proves nothing. */
    public static final String AGENT = "raftkv";

    private static final int FORBIDDEN = 403;
    private static final int MISDIRECTED = 421;
    private static final int UNAVAILABLE = 503;

    private static final Duration DRIFT = Duration.ofSeconds(30);

    /** A seal from the future is believed until it is from the past. */
    private static final Duration KEPT = DRIFT.multipliedBy(2).plusSeconds(1);

    /** So that those remembered take an eighth of the heap at most. */
    private static final long HEAP_PER_NONCE = 8 * Nonces.MOST_BYTES;

    private static final int OWN_BYTES = 32;
    private static final long LEAST_NONCES = 100_000;
    private static final long MOST_NONCES = 5_000_000;

    private final String nodeId;
    private final Optional<NodeSecret> secret;
    private final Supplier<Optional<String>> cluster;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final SecureRandom random = new SecureRandom();
    private final SecretKeySpec own = new SecretKeySpec(random(OWN_BYTES), Hmac.ALGORITHM);
    private final Nonces nonces;
    private final long startedMillis;
    private final long startedNanos;

    /** A seal that was made, to be sent in {@link #HEADER}. */
    public final class Made {
        private final Seal seal;

        private Made(Seal seal) {
            this.seal = seal;
        }

        public String text() {
            return seal.text();
        }

        /**
         * Whether somebody who knows the secret has not done what was sealed, and never will: another node may, if somebody
         * brings it there. So it is certain only where nobody else has seen the seal.
         *
         * @param proof of the field {@link #REFUSED}, null if the answer has none
         */
        public boolean isRefusedBy(String proof) {
            if (proof == null) {
                return false;
            }
            byte[] given;
            try {
                given = HexFormat.of().parseHex(proof);
            } catch (IllegalArgumentException e) {
                return false;
            }
            return believed().stream().anyMatch(key -> seal.refusal(key).isEnd(given));
        }
    }

    /**
     * @param nodeId this node
     * @param cluster the one that this node is a member of; empty if it is of none yet
     */
    public Seals(String nodeId, Optional<NodeSecret> secret, Supplier<Optional<String>> cluster) {
        this(
                nodeId,
                secret,
                cluster,
                Clock.systemUTC(),
                System::nanoTime,
                mostNonces(Runtime.getRuntime().maxMemory()));
    }

    /** How many requests of nodes may come within a minute, with so many bytes of heap. */
    static int mostNonces(long heap) {
        return (int) Math.max(LEAST_NONCES, Math.min(MOST_NONCES, heap / HEAP_PER_NONCE));
    }

    /** @param mostNonces how many requests of nodes may come within a minute */
    Seals(
            String nodeId,
            Optional<NodeSecret> secret,
            Supplier<Optional<String>> cluster,
            Clock clock,
            LongSupplier nanoTime,
            int mostNonces) {
        this.nodeId = nodeId;
        this.secret = secret;
        this.cluster = cluster;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.nonces = new Nonces(mostNonces, KEPT);
        this.startedMillis = clock.millis();
        this.startedNanos = nanoTime.getAsLong();
    }

    /** Those of a node that has no secret. */
    public static Seals none(String nodeId) {
        return new Seals(nodeId, Optional.empty(), Optional::empty);
    }

    /** Whether this node has a secret, so that it seals what it asks others and believes what they seal. */
    public boolean areUsed() {
        return secret.isPresent();
    }

    private byte[] random(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /** The last one is this process's own, by which a node always knows itself. */
    private List<SecretKeySpec> believed() {
        List<SecretKeySpec> keys = new ArrayList<>(secret.map(NodeSecret::keys).orElse(List.of()));
        keys.add(own);
        return keys;
    }

    /**
     * The seal of a request that is sent now; empty without a secret, if it is not this node itself that is asked.
     *
     * @param addressee the node that is asked; empty if that is not known
     */
    public Optional<Made> seal(Asked asked, byte[] body, String addressee) {
        if (!areUsed() && !addressee.equals(nodeId)) {
            return Optional.empty();
        }
        Seal unsealed =
                new Seal(clock.millis(), random(Seal.NONCE_BYTES), nodeId, addressee, Hmac.digest(body), new byte[0]);
        return Optional.of(new Made(Seal.made(believed().get(0), unsealed, asked)));
    }

    /**
     * Looks at the seal of a request that has come, if it has one, and at the cluster that it is for. The body is looked at by
     * {@link Sealed#require}. Where there is no secret, seals of others count as none.
     *
     * @throws SealRefusedException if it is not to be carried out
     */
    public Optional<Sealed> check(Asked asked) {
        String text = asked.header(HEADER);
        if (text == null) {
            requireThisCluster(asked, null);
            return Optional.empty();
        }
        Seal seal = parsed(text);
        List<SecretKeySpec> keys = believed();
        Optional<SecretKeySpec> found =
                keys.stream().filter(each -> seal.isMadeWith(each, asked)).findFirst();
        if (found.isEmpty() && !areUsed()) {
            requireThisCluster(asked, null);
            return Optional.empty();
        }
        // Proves nothing, as the true one may still come; and tells nothing that a stranger has written.
        SecretKeySpec key = found.orElseThrow(() -> new SealRefusedException(
                FORBIDDEN,
                "the seal of a node is not made with the secret of node " + nodeId
                        + ", or the request was changed on its way: give all nodes the same RAFT_NODE_SECRET",
                null));
        requireNow(seal);
        String proof = proof(seal, key);
        if (!seal.addressee().isEmpty() && !seal.addressee().equals(nodeId)) {
            throw new SealRefusedException(
                    MISDIRECTED, "this is node " + nodeId + ", and node " + seal.addressee() + " was asked", proof);
        }
        requireFirst(seal);
        requireThisCluster(asked, proof);
        return Optional.of(new Sealed(seal, PassedOn.by(seal.sender(), asked), proof));
    }

    private static Seal parsed(String text) {
        try {
            return Seal.parse(text);
        } catch (IllegalArgumentException e) {
            SealRefusedException refusal =
                    new SealRefusedException(FORBIDDEN, "the seal of a node cannot be read", null);
            refusal.initCause(e);
            throw refusal;
        }
    }

    private static String proof(Seal seal, SecretKeySpec key) {
        return HexFormat.of().formatHex(seal.refusal(key).end());
    }

    /** Says nothing of whether it was carried out before: what is that old is not remembered. */
    private void requireNow(Seal seal) {
        long ahead = seal.millis() - clock.millis();
        if (Math.abs(ahead) > DRIFT.toMillis()) {
            throw new SealRefusedException(
                    FORBIDDEN,
                    "the clock of node " + seal.sender() + " is " + Math.abs(ahead) / 1000 + " s "
                            + (ahead > 0 ? "ahead of" : "behind") + " that of node " + nodeId
                            + ", and they may differ by " + DRIFT.toSeconds() + " s: set both by NTP",
                    null);
        }
        // What was used before this node's start is not remembered.
        boolean young = nanoTime.getAsLong() - startedNanos < KEPT.toNanos();
        if (young && seal.millis() < startedMillis) {
            throw new SealRefusedException(
                    FORBIDDEN,
                    "node " + nodeId + " has started since node " + seal.sender()
                            + " sealed this, or its clock is ahead: try again",
                    null);
        }
    }

    /** Says nothing of whether the first one was carried out. */
    private void requireFirst(Seal seal) {
        switch (nonces.use(seal.mark(), nanoTime.getAsLong())) {
            case NEW -> {}
            case USED ->
                throw new SealRefusedException(
                        FORBIDDEN, "a seal of node " + seal.sender() + " has come a second time", null);
            case FULL ->
                throw new SealRefusedException(
                        UNAVAILABLE,
                        "more requests of other nodes have come within a minute than this node can tell apart: try"
                                + " again later, or give it more heap",
                        null);
        }
    }

    private void requireThisCluster(Asked asked, String proof) {
        String wanted = asked.header(CLUSTER);
        if (wanted != null && !cluster.get().map(wanted::equals).orElse(true)) {
            throw new SealRefusedException(
                    MISDIRECTED,
                    "node " + nodeId + " is a member of another cluster than the one that was asked",
                    proof);
        }
    }
}
