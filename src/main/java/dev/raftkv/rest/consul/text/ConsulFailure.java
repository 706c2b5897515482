package dev.raftkv.rest.consul.text;

/** A failure with the status and the text that clients of Consul know it by. */
public final class ConsulFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    /** @param text literally what Consul says, where clients compare it */
    public ConsulFailure(int status, String text) {
        super(text, null, false, false);
        this.status = status;
    }

    public int status() {
        return status;
    }
}
