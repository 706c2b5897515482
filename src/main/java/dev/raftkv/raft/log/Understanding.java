package dev.raftkv.raft.log;

import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Write;
import dev.raftkv.raft.ratis.PeerName;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Which members understand all that this version writes into the log. A node stops at an entry that it does not know, and in
 * a rolling upgrade there are members of the version before. So what this version has added is used when each member is
 * known to understand it; until then commands are put as the first version put them. An entry tells which form it has, and
 * all members apply it alike.
 *
 * <p>What a member has told counts until it tells otherwise, however long it is silent: who is dead now understands later
 * what it understood before. Who is started again with an older version is known as such from the next look on; until then
 * it may meet an entry that it does not know, and stops there. It counts over a restart of this node, too. And once an entry of
 * a level is applied, nobody has to tell of that level: it is committed, and each member has read it or will have to. Thread-safe.
 */
public final class Understanding {
    /** Levels of {@link dev.raftkv.model.Identity#LOG_LEVEL}: named transactions without their values, and restores. */
    private static final int NAMED_READS = 1;

    private static final int RESTORES = 2;

    /** Nothing in the log: what reads ask at the Raft port, and those who find the leader gone. */
    private static final int READS = 3;

    private static final int COUNTERS = 4;
    private static final int SESSIONS = 6;
    private static final int RANGES = 7;
    private static final int SEMAPHORES = 8;
    private static final int SETTINGS = 9;
    private static final int SESSIONS_IN_TRANSACTIONS = 10;
    private static final int CONSUL = 12;

    private final PeerName self;
    private final Supplier<? extends Collection<PeerName>> members;
    private final IntSupplier applied;
    private final Map<PeerName, Integer> levels = new ConcurrentHashMap<>();
    /** Whose word is worth nothing at the Raft port, until they give it anew. */
    private final Set<PeerName> doubted = ConcurrentHashMap.newKeySet();

    private final AtomicBoolean missed = new AtomicBoolean();

    private volatile Consumer<Map<PeerName, Integer>> keeper = told -> {};

    /**
     * @param members all that there are, this node too; empty if this node is none
     * @param applied the highest level of the log that is applied here
     */
    public Understanding(PeerName self, Supplier<? extends Collection<PeerName>> members, IntSupplier applied) {
        this.self = self;
        this.members = members;
        this.applied = applied;
    }

    /**
     * Goes on with what was told before this start. At the Raft port it counts for nothing until it is told anew: there an older
     * version cannot even say that it does not understand. To be called before anybody tells.
     *
     * @param kept called with all that was told when it changes, by who tells
     */
    public void resume(Map<PeerName, Integer> told, Consumer<Map<PeerName, Integer>> kept) {
        levels.putAll(told);
        doubted.addAll(told.keySet());
        keeper = kept;
    }

    /**
     * What a member has just told; in place of what it told before.
     *
     * @param logLevel see {@link dev.raftkv.model.Identity}; 0 if it answers and does not say, as the first version does
     */
    public void told(PeerName member, int logLevel) {
        Integer before = levels.put(member, logLevel);
        doubted.remove(member);
        if (before == null || before != logLevel) {
            keeper.accept(Map.copyOf(levels));
        }
    }

    /** Whoever is a member no more has to tell anew when it comes back. */
    public void forgetOthers() {
        Collection<PeerName> all = members.get();
        // Who is no member, or not yet after a start, does not know who is.
        if (!all.isEmpty()) {
            doubted.retainAll(all);
            if (levels.keySet().retainAll(all)) {
                keeper.accept(Map.copyOf(levels));
            }
        }
    }

    /**
     * Whether a member answers what reads ask at the Raft port, and whether the leader has gone. Of one that was not heard,
     * and could be asked, it is worth to know more.
     */
    public boolean answersReads(PeerName member) {
        Integer level = levels.get(member);
        boolean unknown = level == null || doubted.contains(member);
        if (unknown) {
            missed.set(true);
        }
        return !unknown && level >= READS;
    }

    /**
     * A member has broken a connection off when it was asked something. It may be of an older version since, and has to tell
     * anew before it is asked again. For what is written into the log it counts as before: most likely it has died.
     */
    public void doubt(PeerName member) {
        doubted.add(member);
    }

    /** Whether somebody was done without since the last call because of what is not known, so that it is worth asking. */
    public boolean wasMissed() {
        return missed.getAndSet(false);
    }

    private boolean understands(PeerName member, int level) {
        return member.equals(self) || levels.getOrDefault(member, 0) >= level;
    }

    /** Why a command cannot be put so that all members understand it, if so. */
    public Optional<KvException> refusal(Command command) {
        // Whoever has read the beginning of a restore reads its end; and may stop within, and tell nothing then.
        boolean restores = command instanceof Command.Restore.Begin;
        int level = restores ? RESTORES : command.logLevel();
        if (level == 0 || applied.getAsInt() >= level) {
            return Optional.empty();
        }
        String untold = members.get().stream()
                .filter(member -> !understands(member, level))
                .map(PeerName::nodeId)
                .sorted()
                .collect(Collectors.joining(", "));
        if (untold.isEmpty()) {
            return Optional.empty();
        }
        missed.set(true);
        return Optional.of(new KvException(
                Code.UNAVAILABLE,
                "this leader has not heard from these members that they understand "
                        + (restores ? "a restore" : what(level))
                        + ": " + untold
                        + "; nothing was changed. It asks them now: try again in a second. If that does not help, start again"
                        + " one that is down, or remove it, and start one of an older version with this one"));
    }

    private static String what(int level) {
        return switch (level) {
            case COUNTERS -> "counters and sequences";
            case SESSIONS -> "sessions";
            case RANGES -> "prefixes in transactions";
            case SEMAPHORES -> "semaphores";
            case SETTINGS -> "settings";
            case SESSIONS_IN_TRANSACTIONS -> "sessions in transactions";
            case CONSUL -> "what Consul's interface writes";
            default -> "what keys were before in the history";
        };
    }

    /** A command in a form that all members understand. */
    public Write put(Write write) {
        // The first version remembers the values that a named transaction reads, and has no word for another way.
        return write.isNamedRead() && !members.get().stream().allMatch(member -> understands(member, NAMED_READS))
                ? new Write(write.command(), write.precondition(), write.requestId(), true)
                : write;
    }
}
