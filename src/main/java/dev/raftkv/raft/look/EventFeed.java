package dev.raftkv.raft.look;

import java.util.List;
import java.util.Optional;

/** What follows an event, as it comes. Polled by one thread at a time. */
public final class EventFeed implements AutoCloseable {
    private final Events events;
    private final Runnable wake;
    private long position;

    EventFeed(Events events, long position, Runnable wake) {
        this.events = events;
        this.position = position;
        this.wake = wake;
    }

    /**
     * The events that follow, in order; none if there are none now, and then it is woken by the next, or if it has ended.
     *
     * @param most how many to return at most
     * @throws dev.raftkv.model.KvException {@code FORGOTTEN} if the next one is not kept any more
     */
    public List<Event> poll(int most) {
        List<Event> found = events.poll(position, most);
        if (!found.isEmpty()) {
            position = found.get(found.size() - 1).id();
        }
        return found;
    }

    /** Why there will be no more, if so. */
    public Optional<String> end() {
        return events.end();
    }

    /** The id of the latest event that was shown, which a client can resume from. */
    public long position() {
        return position;
    }

    /** It ends because its client does not take what it is sent. */
    public void countAsCutOff() {
        events.countCutOff();
    }

    void wake() {
        wake.run();
    }

    @Override
    public void close() {
        events.close(this);
    }
}
