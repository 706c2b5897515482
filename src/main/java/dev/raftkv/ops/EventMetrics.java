package dev.raftkv.ops;

import dev.raftkv.raft.look.Events;

/** Metrics about those who look at what happens to this node. */
public final class EventMetrics implements Source {
    private final Events events;

    public EventMetrics(Events events) {
        this.events = events;
    }

    @Override
    public void write(Exposition out) {
        out.gauge("raftkv_event_streams", "Open streams of what happens to this node.", events.feeds());
        out.gauge("raftkv_event_streams_limit", "Such streams that may be open at once.", Events.MOST_FEEDS);
        out.counter(
                "raftkv_event_streams_cut_off_total",
                "Such streams that were ended because their clients were too slow.",
                events.cutOffs());
    }
}
