package dev.raftkv.access;

import java.util.Arrays;

/** A request of another node that was believed, but for its body. Immutable. */
public final class Sealed {
    private static final int FORBIDDEN = 403;

    private final String sender;
    private final Caller caller;
    private final byte[] digest;
    private final String proof;

    Sealed(Seal seal, Caller caller, String proof) {
        this.sender = seal.sender();
        this.caller = caller;
        this.digest = seal.digest();
        this.proof = proof;
    }

    /** The node that asks, or passes on what was asked. */
    public String sender() {
        return sender;
    }

    /** Who asks: that node, or whom it names. */
    public Caller caller() {
        return caller;
    }

    /** @throws SealRefusedException if the body is not the one that was sealed */
    public void require(byte[] body) {
        if (!Arrays.equals(digest, Hmac.digest(body))) {
            throw new SealRefusedException(
                    FORBIDDEN, "the body is not the one that node " + sender + " has sealed", proof);
        }
    }
}
