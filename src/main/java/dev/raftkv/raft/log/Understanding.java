package dev.raftkv.raft.log;

import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Write;
import dev.raftkv.raft.ratis.PeerName;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Which members understand all that this version writes into the log. A node stops at an entry that it does not know, and in a
 * rolling upgrade there are members of the version before. So what this version has added is used when each member is known
 * to understand it; until then commands are put as the first version put them. An entry tells which form it has, and all
 * members apply it alike.
 */
public final class Understanding {
    private final Supplier<? extends Collection<PeerName>> members;
    private volatile Set<PeerName> known;
    private volatile Set<PeerName> restoring;

    /** @param members all that there are, this node too */
    public Understanding(PeerName self, Supplier<? extends Collection<PeerName>> members) {
        this.members = members;
        this.known = Set.of(self);
        this.restoring = known;
    }

    /**
     * As far as this node knows now; others do not, or have not been asked yet.
     *
     * @param understanding those that understand named transactions without their values
     * @param restores those that understand restores
     */
    public void know(Set<PeerName> understanding, Set<PeerName> restores) {
        known = Set.copyOf(understanding);
        restoring = Set.copyOf(restores);
    }

    /** Why a command cannot be put so that all members understand it, if so. */
    public Optional<KvException> refusal(Command command) {
        // Whoever has read the beginning reads its end; and a member may stop within a restore, and tell nothing then.
        if (!(command instanceof Command.Restore.Begin)) {
            return Optional.empty();
        }
        Set<PeerName> told = restoring;
        String untold = members.get().stream()
                .filter(member -> !told.contains(member))
                .map(PeerName::nodeId)
                .sorted()
                .collect(Collectors.joining(", "));
        return untold.isEmpty()
                ? Optional.empty()
                : Optional.of(new KvException(
                        Code.UNAVAILABLE,
                        "this leader does not know yet whether these members understand a restore: " + untold
                                + "; nothing was changed. It asks them every half a minute: try again then. Start again"
                                + " one that is down, or remove it, and start one of an older version with this one"));
    }

    /** A command in a form that all members understand. */
    public Write put(Write write) {
        // The first version remembers the values that a named transaction reads, and has no word for another way.
        return write.isNamedRead() && !known.containsAll(members.get())
                ? new Write(write.command(), write.precondition(), write.requestId(), true)
                : write;
    }
}
