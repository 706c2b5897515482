package dev.raftkv.rest.http;

/**
 * A body that is made while it is sent, as fast as its client takes it, so that no more than a piece of it is in memory. Asked
 * by one thread at a time, which is one that may read from the disk.
 */
public interface Pieces extends AutoCloseable {
    /** @return the next piece; null at the end */
    byte[] next();

    /** Called once, when all was sent or nobody takes it any more. */
    @Override
    default void close() {}
}
