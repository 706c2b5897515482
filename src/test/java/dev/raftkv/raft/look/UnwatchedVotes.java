package dev.raftkv.raft.look;

import dev.raftkv.raft.ratis.OwnServer;
import java.time.Clock;
import java.time.Duration;

/** Votes of which nobody wants to hear. */
public final class UnwatchedVotes {
    private UnwatchedVotes() {}

    public static VoteWatch of(OwnServer server) {
        Events events = new Events(Clock.systemUTC(), Runnable::run);
        return new VoteWatch(events, new Pulse(server, events, System::nanoTime), Duration.ofMillis(500));
    }
}
