package dev.raftkv.model;

/**
 * Names one request of a client, so that a repetition of it is recognised.
 *
 * @param key what the client calls the request
 * @param fingerprint a digest of the request, which tells a repetition from another request of the same name
 */
public record RequestId(String key, String fingerprint) {
    /** The longest key, in characters. */
    public static final int MAX_KEY = 255;
}
