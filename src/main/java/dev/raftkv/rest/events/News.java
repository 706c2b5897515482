package dev.raftkv.rest.events;

import java.util.Optional;

/** What a stream tells of, as it comes. Asked by one thread at a time. */
public interface News extends AutoCloseable {
    /**
     * The events that have come since, as {@link EventLines} writes them, a bounded number of them; empty if there are none, and
     * then the stream is woken by the next.
     *
     * @throws dev.raftkv.model.KvException if what comes next is not kept any more, or cannot be had now: the stream ends with
     *     it
     */
    byte[] next();

    /** Why there will be no more, if so. */
    Optional<String> end();

    /** The id to go on with; empty if it has to be begun again. */
    Optional<String> position();

    /** The client does not take what it is sent. */
    void countAsCutOff();

    @Override
    void close();
}
