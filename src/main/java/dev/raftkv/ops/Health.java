package dev.raftkv.ops;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Whether a node should be restarted, and whether it should get requests. */
public final class Health implements Source {
    /** A follower that is in touch is at most a few entries behind. */
    private static final long MAX_LAG_ENTRIES = 1000;

    private static final String LEADER = "leader";

    private final Supplier<Vitals> vitals;
    private volatile boolean stopping;

    public Health(Supplier<Vitals> vitals) {
        this.vitals = vitals;
    }

    /** @param problem a sentence for the user; empty if all is well */
    public record Check(String name, Optional<String> problem) {
        public boolean passed() {
            return problem.isEmpty();
        }
    }

    /** @param checks all that were made */
    public record Report(List<Check> checks) {
        public boolean passed() {
            return checks.stream().allMatch(Check::passed);
        }

        public boolean knowsLeader() {
            return checks.stream()
                    .allMatch(check -> check.passed() || !check.name().equals(LEADER));
        }

        /** The same, and why there may be none, half a sentence or nothing. */
        public Report withoutLeader(String told) {
            return new Report(checks.stream()
                    .map(check -> check.passed() || !check.name().equals(LEADER) || told.isEmpty()
                            ? check
                            : new Check(LEADER, check.problem().map(problem -> problem + " (" + told + ")")))
                    .toList());
        }

        /** The checks that did not pass. */
        public List<Check> failed() {
            return checks.stream().filter(check -> !check.passed()).toList();
        }
    }

    /**
     * Whether the process is of use. A node that was removed, knows no leader or is stopping is; one that a failure has
     * stopped is not: only a restart brings it back.
     */
    public Report live() {
        return new Report(List.of(new Check("failure", vitals.get().failure())));
    }

    /** Whether the node should get requests: it can answer reads that are not old, and take writes or say who does. */
    public Report ready() {
        Vitals now = vitals.get();
        return new Report(List.of(
                new Check("stopping", problem(stopping, "this node is stopping")),
                new Check("member", now.idle()),
                new Check("joining", now.joining()),
                new Check(LEADER, problem(now.leader().isEmpty(), "no leader is known")),
                new Check(
                        "lag",
                        problem(
                                now.lagEntries() > MAX_LAG_ENTRIES,
                                "this node is " + now.lagEntries() + " entries behind its cluster, more than "
                                        + MAX_LAG_ENTRIES)),
                new Check("progress", now.standstill()),
                new Check("disk", now.disk())));
    }

    private static Optional<String> problem(boolean present, String sentence) {
        return present ? Optional.of(sentence) : Optional.empty();
    }

    /** The node is about to stop: it is not ready from now on. */
    public void stopping() {
        stopping = true;
    }

    @Override
    public void write(Exposition out) {
        out.gauge("raftkv_ready", "Whether the node should get requests.", ready().passed() ? 1 : 0);
    }
}
