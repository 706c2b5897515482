package dev.raftkv.raft.read;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.ratis.protocol.RaftPeerId;

/**
 * A small cluster in which Raft elects and commits, and one round of questions is asked for a read: all states that it can
 * come to, within bounds. Steps are those of nodes; a message that is on its way is a step that has not been taken yet, and
 * one that is lost is never taken. Each entry counts as a write that was acknowledged when its leader has applied it. The
 * read comes when the round begins: one that came before has to see less.
 */
final class ReadModel {
    /** What makes a read right; each can be left out. */
    enum Rule {
        ROUND_AFTER_READ,
        INDEX_AFTER_READ,
        READY,
        MAJORITY,
        VOTERS_ONLY,
        NO_LATER_TERM,
        NOT_IN_JOINT,
        TERM_ON_DISK,
        TERM_READ_AT_START,
        APPLIED
    }

    /**
     * @param nodes all of them; the first leads in term 1
     * @param voters of whose majority the others' configuration asks
     * @param joint also a majority of these, by the configuration of the first, in whose log a change of the members is;
     *     empty if there is none
     * @param terms the last one
     */
    record Bounds(int nodes, Set<Integer> voters, Set<Integer> joint, int terms, int writes, int crashes) {}

    private static final int FOLLOWER = 0;
    private static final int CANDIDATE = 1;
    private static final int LEADER = 2;
    private static final int STARTING = 3;

    /** Fields of a node. A log is a number whose digits to the base 4 are the terms of its entries. */
    private static final int TERM = 0;

    private static final int VOTE = 1;
    private static final int DISK_TERM = 2;
    private static final int DISK_VOTE = 3;
    private static final int ROLE = 4;
    private static final int VOTES = 5;
    private static final int LOG = 6;
    private static final int APPLIED = 7;
    private static final int HELD = 8;

    /** Fields of the world. */
    private static final int ACKNOWLEDGED = 0;

    private static final int WRITES = 1;
    private static final int CRASHES = 2;
    /** Who asks, plus 1, and what it has noted; 0 before the round. */
    private static final int ASKER = 3;

    private static final int ASKED_TERM = 4;
    private static final int ASKED_INDEX = 5;
    private static final int MUST_SEE = 6;
    /** One bit a node: those that are in no later term. */
    private static final int GOOD = 7;
    /** What somebody has noted before. */
    private static final int OLD_INDEX = 8;

    private static final int FIELDS = 9;

    private final Bounds bounds;
    private final Set<Rule> without;
    private final int perNode;

    /** The state that is looked at. */
    private int[] now;

    private Consumer<int[]> found;

    ReadModel(Bounds bounds, Set<Rule> without) {
        this.bounds = bounds;
        this.without = without;
        this.perNode = HELD + bounds.nodes;
    }

    /** What the search has come to: how many states there are, and the way to a read that is wrong. */
    record Result(int states, Optional<List<String>> story) {}

    /** @param most so many states may there be */
    Result search(int most) {
        Map<String, String> from = new HashMap<>();
        Deque<String> next = new ArrayDeque<>();
        String first = key(begin());
        from.put(first, "");
        next.add(first);
        while (!next.isEmpty()) {
            String state = next.remove();
            now = state.chars().toArray();
            found = other -> {
                String reached = key(other);
                if (from.putIfAbsent(reached, state) == null) {
                    next.add(reached);
                }
            };
            if (!hasPassed()) {
                steps();
            } else if (isWrong()) {
                return new Result(from.size(), Optional.of(story(state, from)));
            }
            if (from.size() > most) {
                throw new AssertionError("more than " + most + " states");
            }
        }
        return new Result(from.size(), Optional.empty());
    }

    private List<String> story(String last, Map<String, String> from) {
        List<String> story = new ArrayList<>();
        for (String state = last; !state.isEmpty(); state = from.get(state)) {
            now = state.chars().toArray();
            story.add(IntStream.range(0, bounds.nodes)
                            .mapToObj(node ->
                                    Arrays.toString(Arrays.copyOfRange(now, node * perNode, node * perNode + perNode)))
                            .toList()
                    + " " + Arrays.toString(Arrays.copyOfRange(now, bounds.nodes * perNode, now.length)));
        }
        Collections.reverse(story);
        return story;
    }

    private static String key(int[] state) {
        return new String(state, 0, state.length);
    }

    private int[] begin() {
        int[] state = new int[bounds.nodes * perNode + FIELDS];
        for (int node = 0; node < bounds.nodes; node++) {
            for (int field : List.of(TERM, VOTE, DISK_TERM, DISK_VOTE, LOG, APPLIED)) {
                state[node * perNode + field] = 1;
            }
        }
        state[ROLE] = LEADER;
        Arrays.fill(state, HELD, HELD + bounds.nodes, 1);
        state[bounds.nodes * perNode + ACKNOWLEDGED] = 1;
        return state;
    }

    private int of(int node, int field) {
        return now[node * perNode + field];
    }

    private int world(int field) {
        return now[bounds.nodes * perNode + field];
    }

    /** A state that differs from this one. */
    private final class Change {
        private final int[] state = now.clone();

        Change node(int node, int field, int value) {
            state[node * perNode + field] = value;
            return this;
        }

        Change world(int field, int value) {
            state[bounds.nodes * perNode + field] = value;
            return this;
        }

        /** A node comes to a term, and gives its vote in it; 0 if it gives none. */
        Change term(int node, int term, int vote) {
            node(node, TERM, term).node(node, VOTE, vote).node(node, VOTES, 0);
            if (!without.contains(Rule.TERM_ON_DISK)) {
                node(node, DISK_TERM, term).node(node, DISK_VOTE, vote);
            }
            return role(node, FOLLOWER);
        }

        Change role(int node, int role) {
            Arrays.fill(state, node * perNode + HELD, node * perNode + perNode, 0);
            return node(node, ROLE, role);
        }

        void reached() {
            found.accept(state);
        }
    }

    private Change change() {
        return new Change();
    }

    private static int length(int log) {
        int length = 0;
        for (int rest = log; rest > 0; rest /= 4) {
            length++;
        }
        return length;
    }

    private static int lastTerm(int log) {
        return log % 4;
    }

    /** Of the entry at an index, from 1. */
    private static int termAt(int log, int index) {
        return log >> 2 * (length(log) - index) & 3;
    }

    private boolean isMajority(int asker, Set<Integer> those) {
        boolean enough = isMajorityOf(bounds.voters, those);
        return enough && (!isChanging(asker) || isMajorityOf(bounds.joint, those));
    }

    private static boolean isMajorityOf(Set<Integer> voters, Set<Integer> those) {
        return 2 * voters.stream().filter(those::contains).count() > voters.size();
    }

    private Set<Integer> nodesWhere(IntPredicate test) {
        return IntStream.range(0, bounds.nodes).filter(test).boxed().collect(Collectors.toSet());
    }

    private void steps() {
        for (int node = 0; node < bounds.nodes; node++) {
            stands(node);
            leads(node);
            writes(node);
            commits(node);
            crashes(node);
            starts(node);
            notes(node);
            asks(node);
            answers(node);
            for (int other = 0; other < bounds.nodes; other++) {
                if (other != node) {
                    votes(node, other);
                    sends(node, other);
                }
            }
        }
        comesLate();
    }

    private void stands(int node) {
        if (bounds.voters.contains(node)
                && of(node, ROLE) != STARTING
                && of(node, ROLE) != LEADER
                && of(node, TERM) < bounds.terms) {
            change().term(node, of(node, TERM) + 1, node + 1)
                    .role(node, CANDIDATE)
                    .node(node, VOTES, 1 << node)
                    .reached();
        }
    }

    private void votes(int candidate, int voter) {
        int term = of(candidate, TERM);
        boolean free = of(voter, TERM) < term
                || of(voter, TERM) == term && (of(voter, VOTE) == 0 || of(voter, VOTE) == candidate + 1);
        int mine = of(voter, LOG);
        int its = of(candidate, LOG);
        boolean upToDate =
                lastTerm(its) > lastTerm(mine) || lastTerm(its) == lastTerm(mine) && length(its) >= length(mine);
        if (of(candidate, ROLE) == CANDIDATE
                && bounds.voters.contains(voter)
                && of(voter, ROLE) != STARTING
                && (of(candidate, VOTES) & 1 << voter) == 0
                && free
                && upToDate) {
            change().term(voter, term, candidate + 1)
                    .node(candidate, VOTES, of(candidate, VOTES) | 1 << voter)
                    .reached();
        }
    }

    /** It begins with an entry of its own. */
    private void leads(int node) {
        if (of(node, ROLE) == CANDIDATE && isMajority(node, nodesWhere(voter -> (of(node, VOTES) & 1 << voter) != 0))) {
            appends(change().role(node, LEADER).node(node, VOTES, 0), node).reached();
        }
    }

    private void writes(int node) {
        if (of(node, ROLE) == LEADER && world(WRITES) < bounds.writes) {
            appends(change().world(WRITES, world(WRITES) + 1), node).reached();
        }
    }

    private Change appends(Change change, int leader) {
        int log = of(leader, LOG) * 4 + of(leader, TERM);
        return change.node(leader, LOG, log).node(leader, HELD + leader, length(log));
    }

    /** Its log, and what it has committed of it. */
    private void sends(int leader, int other) {
        if (of(leader, ROLE) == LEADER && of(other, ROLE) != STARTING && of(other, TERM) <= of(leader, TERM)) {
            int length = length(of(leader, LOG));
            Change change = change();
            if (of(other, TERM) < of(leader, TERM) || of(other, ROLE) == CANDIDATE) {
                change.term(other, of(leader, TERM), of(other, TERM) < of(leader, TERM) ? 0 : of(other, VOTE));
            }
            change.node(other, LOG, of(leader, LOG))
                    .node(other, APPLIED, Math.max(of(other, APPLIED), of(leader, APPLIED)))
                    .node(leader, HELD + other, length)
                    .reached();
        }
    }

    private void commits(int leader) {
        if (of(leader, ROLE) != LEADER) {
            return;
        }
        int log = of(leader, LOG);
        for (int index = of(leader, APPLIED) + 1; index <= length(log); index++) {
            int held = index;
            if (termAt(log, index) == of(leader, TERM)
                    && isMajority(leader, nodesWhere(node -> of(leader, HELD + node) >= held))) {
                change().node(leader, APPLIED, index)
                        .world(ACKNOWLEDGED, Math.max(world(ACKNOWLEDGED), index))
                        .reached();
            }
        }
    }

    /** Not the one who asks: its readers are gone with it. */
    private void crashes(int node) {
        if (of(node, ROLE) != STARTING && world(CRASHES) < bounds.crashes && world(ASKER) != node + 1) {
            change().world(CRASHES, world(CRASHES) + 1)
                    .node(node, TERM, 0)
                    .node(node, VOTE, 0)
                    .node(node, VOTES, 0)
                    .role(node, STARTING)
                    .reached();
        }
    }

    private void starts(int node) {
        if (of(node, ROLE) == STARTING) {
            change().node(node, TERM, of(node, DISK_TERM))
                    .node(node, VOTE, of(node, DISK_VOTE))
                    .role(node, FOLLOWER)
                    .reached();
        }
    }

    private void notes(int node) {
        if (without.contains(Rule.INDEX_AFTER_READ) && of(node, ROLE) == LEADER && world(OLD_INDEX) == 0) {
            change().world(OLD_INDEX, of(node, APPLIED)).reached();
        }
    }

    private void asks(int node) {
        boolean ready = termAt(of(node, LOG), of(node, APPLIED)) == of(node, TERM) || without.contains(Rule.READY);
        boolean changes = isChanging(node) && !without.contains(Rule.NOT_IN_JOINT);
        if (of(node, ROLE) != LEADER || world(ASKER) != 0 || !ready || changes) {
            return;
        }
        change().world(ASKER, node + 1)
                .world(ASKED_TERM, of(node, TERM))
                .world(ASKED_INDEX, world(OLD_INDEX) > 0 ? world(OLD_INDEX) : of(node, APPLIED))
                .world(MUST_SEE, world(ACKNOWLEDGED))
                .reached();
    }

    /** A read that shares the round that is under way. */
    private void comesLate() {
        if (without.contains(Rule.ROUND_AFTER_READ) && world(ASKER) != 0 && world(MUST_SEE) < world(ACKNOWLEDGED)) {
            change().world(MUST_SEE, world(ACKNOWLEDGED)).reached();
        }
    }

    /** Those in a later term are not remembered: others may be heard first. */
    private void answers(int node) {
        boolean tells = of(node, ROLE) != STARTING || without.contains(Rule.TERM_READ_AT_START);
        boolean good = of(node, TERM) <= world(ASKED_TERM) || without.contains(Rule.NO_LATER_TERM);
        if (world(ASKER) != 0 && world(ASKER) != node + 1 && tells && good) {
            change().world(GOOD, world(GOOD) | 1 << node).reached();
        }
    }

    private boolean isChanging(int node) {
        return node == 0 && !bounds.joint.isEmpty();
    }

    /** Whether the answers are enough, as the real {@link Round} counts them. */
    private boolean hasPassed() {
        if (world(ASKER) == 0) {
            return false;
        }
        int asker = world(ASKER) - 1;
        Set<Integer> asked = isChanging(asker) ? bounds.joint : bounds.voters;
        int wanted = asked.size() / 2 + 1 - 1 - (without.contains(Rule.MAJORITY) ? 1 : 0);
        Set<Integer> others =
                nodesWhere(node -> node != asker && (asked.contains(node) || without.contains(Rule.VOTERS_ONLY)));
        Round round = new Round(
                world(ASKED_TERM), wanted, others.stream().map(ReadModel::id).toList());
        others.stream()
                .filter(node -> (world(GOOD) & 1 << node) != 0)
                .forEach(node -> round.answered(id(node), world(ASKED_TERM)));
        return round.end().getNow(false);
    }

    /** Whether a read of a round that has passed shows too little, at any node: one that has not applied the index waits. */
    private boolean isWrong() {
        boolean isBehind = IntStream.range(0, bounds.nodes).anyMatch(node -> of(node, APPLIED) < world(MUST_SEE));
        return world(ASKED_INDEX) < world(MUST_SEE) || without.contains(Rule.APPLIED) && isBehind;
    }

    private static RaftPeerId id(int node) {
        return RaftPeerId.valueOf("node" + node);
    }
}
