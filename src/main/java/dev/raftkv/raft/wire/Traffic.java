package dev.raftkv.raft.wire;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what passes the Raft port, and what is refused there. Of refusals the log gets a line per reason and minute at most,
 * whatever comes. Thread-safe.
 */
public final class Traffic {
    private static final Logger LOG = LoggerFactory.getLogger(Traffic.class);
    private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Which way a message goes. */
    public enum Direction {
        SENT,
        RECEIVED;

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Why nothing is done. The numbers go to other nodes: they are added, never reused. */
    public enum Reason {
        /** There are too many connections, in all or from one address. */
        CONNECTIONS(1),
        /** Who connected does not speak this protocol, or another version of it. */
        PROTOCOL(2),
        /** No certificate that this node trusts, or one with another name than is claimed. */
        CERTIFICATE(3),
        /** A message that is too large, or too many at once. */
        SIZE(4),
        /** Bytes that are no message. */
        GARBAGE(5),
        /** Nothing was said for too long. */
        SILENCE(6),
        /** A message for another node or another group. */
        ADDRESS(7),
        /** A message of somebody who is no member of the group. */
        MEMBERSHIP(8),
        /** A message of a member that only others may send, or not now. */
        RULES(9);

        private final int number;

        Reason(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final class Passed {
        final LongAdder messages = new LongAdder();
        final LongAdder bytes = new LongAdder();
    }

    private static final class Refused {
        final LongAdder count = new LongAdder();
        long unsaid;
        long quietUntil;
        boolean said;
    }

    private final String node;
    private final LongSupplier nanos;
    private final Map<Direction, Map<Kind, Passed>> passed = new EnumMap<>(Direction.class);
    private final Map<Reason, Refused> refused = new EnumMap<>(Reason.class);

    /** @param nanos the time */
    Traffic(String node, LongSupplier nanos) {
        this.node = node;
        this.nanos = nanos;
        for (Direction direction : Direction.values()) {
            Map<Kind, Passed> kinds = new EnumMap<>(Kind.class);
            for (Kind kind : Kind.values()) {
                kinds.put(kind, new Passed());
            }
            passed.put(direction, kinds);
        }
        for (Reason reason : Reason.values()) {
            refused.put(reason, new Refused());
        }
    }

    void passed(Direction direction, Kind kind, int bytes) {
        Passed counts = passed.get(direction).get(kind);
        counts.messages.increment();
        counts.bytes.add(bytes);
    }

    /** @param what a sentence for the operator: who did what */
    void refused(Reason reason, String what) {
        Refused counts = refused.get(reason);
        counts.count.increment();
        long before;
        synchronized (counts) {
            long now = nanos.getAsLong();
            if (counts.said && counts.quietUntil - now > 0) {
                counts.unsaid++;
                return;
            }
            counts.said = true;
            counts.quietUntil = now + QUIET_NANOS;
            before = counts.unsaid;
            counts.unsaid = 0;
        }
        LOG.warn(
                "node {} refused at its Raft port ({}): {}{}",
                node,
                reason.label(),
                what,
                before == 0 ? "" : " (" + before + " more since the last line like this)");
    }

    /** Requests and answers. */
    public long messages(Direction direction, Kind kind) {
        return passed.get(direction).get(kind).messages.sum();
    }

    /** The size of those, as they are before they are encrypted. */
    public long bytes(Direction direction, Kind kind) {
        return passed.get(direction).get(kind).bytes.sum();
    }

    /** Connections and requests. */
    public long refused(Reason reason) {
        return refused.get(reason).count.sum();
    }
}
