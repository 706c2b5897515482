package dev.raftkv.raft.log;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;

/**
 * Looks whether the work on the log goes on: what is proposed is appended, synced and applied here, and if this node leads,
 * committed by a majority. Heartbeats go on where work stands still, so nobody else would notice; a leader of which a stage
 * stands still for two election timeouts steps aside.
 *
 * <p>A stage stands still while there is something to do for it and nothing gets done; slow is not still. A pause of the whole
 * process counts as one look.
 */
public final class LogProgress implements Runnable {
    /** How often to look. */
    public static final Duration PAUSE = Duration.ofMillis(100);

    /** What one look adds at most: more than that, and it was this node that stood still, its clock included. */
    private static final long LONGEST_STEP = 3 * PAUSE.toNanos();

    private static final Duration FIRST_BACK_OFF = Duration.ofSeconds(10);
    private static final Duration LONGEST_BACK_OFF = Duration.ofMinutes(10);

    /** What an entry goes through. */
    public enum Stage {
        APPEND("an entry that this leader has made does not get into its log"),
        SYNC("the Raft log on this node is not synced, though entries wait for it: does its disk hang?"),
        COMMIT("no entry of this leader gets to a majority"),
        APPLY("this node applies nothing, though committed entries wait: does its disk hang?");

        private final String words;

        Stage(String words) {
            this.words = words;
        }

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * How far the log has come.
     *
     * @param proposed entries that this node has made as a leader
     * @param taken those of them that are in the log, or have failed
     * @param last index of the last entry; above all others while the log is locked, as it is while entries wait for room
     *     to be synced
     * @param changes those made to the store, by the entry that is just applied too
     */
    public record Reading(
            boolean leads,
            long proposed,
            long taken,
            long last,
            long synced,
            long committed,
            long applied,
            long changes) {
        /** Empty if the log is closed. */
        public static Optional<Reading> of(RaftServer.Division division, Proposer proposer, long changes) {
            try {
                DivisionInfo info = division.getInfo();
                RaftLog log = division.getRaftLog();
                return Optional.of(new Reading(
                        info.isLeader(),
                        proposer.proposed(),
                        proposer.taken(),
                        LogEnd.of(log).map(TermIndex::getIndex).orElse(Long.MAX_VALUE),
                        log.getFlushIndex(),
                        log.getLastCommittedIndex(),
                        info.getLastAppliedIndex(),
                        changes));
            } catch (IllegalStateException e) {
                return Optional.empty();
            }
        }
    }

    private final Supplier<Optional<Reading>> log;
    private final Duration patience;
    private final LongSupplier nanoTime;
    private final Runnable stepAside;
    private final BackOff backOff = new BackOff(FIRST_BACK_OFF, LONGEST_BACK_OFF);
    private final Map<Stage, Age> ages = new EnumMap<>(Stage.class);
    private long looked;
    private long wellSince;

    /**
     * @param log empty while there is none
     * @param patience how long a leader may stand still
     * @param nanoTime as {@link System#nanoTime}
     * @param stepAside must not block; called while this node leads and stands still, seldom
     */
    public LogProgress(Supplier<Optional<Reading>> log, Duration patience, LongSupplier nanoTime, Runnable stepAside) {
        this.log = log;
        this.patience = patience;
        this.nanoTime = nanoTime;
        this.stepAside = stepAside;
        for (Stage stage : Stage.values()) {
            ages.put(stage, new Age());
        }
        this.looked = nanoTime.getAsLong();
        this.wellSince = looked;
    }

    /** Looks once; to be called every {@link #PAUSE}, by one thread. */
    @Override
    public void run() {
        long now = nanoTime.getAsLong();
        long step = Math.min(now - looked, LONGEST_STEP);
        looked = now;
        Optional<Reading> reading = log.get();
        if (reading.isEmpty()) {
            ages.values().forEach(Age::clear);
            return;
        }
        Reading at = reading.get();
        ages.get(Stage.APPEND).look(at.taken, at.proposed, 0, step);
        ages.get(Stage.SYNC).look(at.synced, at.last, 0, step);
        ages.get(Stage.APPLY).look(at.applied, at.committed, at.changes, step);
        if (at.leads) {
            ages.get(Stage.COMMIT).look(at.committed, at.last, 0, step);
        } else {
            ages.get(Stage.COMMIT).clear();
        }
        if (stalled().isEmpty()) {
            if (now - wellSince > LONGEST_BACK_OFF.toNanos()) {
                backOff.reset();
            }
        } else {
            wellSince = now;
            if (at.leads && backOff.begins(now)) {
                stepAside.run();
            }
        }
    }

    /** How long a stage has stood still. */
    public Duration age(Stage stage) {
        return Duration.ofNanos(ages.get(stage).nanos);
    }

    /** What stands still for longer than a leader may, a sentence for the user, if so. */
    public Optional<String> problem() {
        return stalled().map(stage -> stage.words + " (for " + age(stage).toMillis() + " ms)");
    }

    /** The stage nearest to the cause: what comes later waits for it. */
    private Optional<Stage> stalled() {
        for (Map.Entry<Stage, Age> stage : ages.entrySet()) {
            if (stage.getValue().nanos >= patience.toNanos()) {
                return Optional.of(stage.getKey());
            }
        }
        return Optional.empty();
    }

    private static final class Age {
        private long done;
        private long steps;
        private volatile long nanos;

        /** @param stepsOfNext move while the next piece is being done, which may take long: one entry can remove 50,000 keys */
        void look(long reached, long due, long stepsOfNext, long step) {
            boolean goesOn = reached != done || stepsOfNext != steps;
            nanos = reached >= due || goesOn ? 0 : nanos + step;
            done = reached;
            steps = stepsOfNext;
        }

        void clear() {
            nanos = 0;
        }
    }
}
