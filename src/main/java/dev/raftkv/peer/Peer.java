package dev.raftkv.peer;

/**
 * Another node, as whom a request is for.
 *
 * @param address its context root, an absolute URL without a trailing slash
 * @param nodeId empty if it is not known who answers there
 */
public record Peer(String address, String nodeId) {
    /** Whoever answers at an address. */
    public static Peer at(String address) {
        return new Peer(address, "");
    }
}
