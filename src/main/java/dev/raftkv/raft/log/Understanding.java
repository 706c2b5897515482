package dev.raftkv.raft.log;

import dev.raftkv.model.Write;
import dev.raftkv.raft.ratis.PeerName;
import java.util.Collection;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Which members understand all that this version writes into the log. A node stops at an entry that it does not know, and in a
 * rolling upgrade there are members of the version before. So what this version has added is used when each member is known
 * to understand it; until then commands are put as the first version put them. An entry tells which form it has, and all
 * members apply it alike.
 */
public final class Understanding {
    private final Supplier<? extends Collection<PeerName>> members;
    private volatile Set<PeerName> known;

    /** @param members all that there are, this node too */
    public Understanding(PeerName self, Supplier<? extends Collection<PeerName>> members) {
        this.members = members;
        this.known = Set.of(self);
    }

    /** @param understanding those that understand, as far as this node knows now; others do not, or have not been asked yet */
    public void know(Set<PeerName> understanding) {
        known = Set.copyOf(understanding);
    }

    /** A command in a form that all members understand. */
    public Write put(Write write) {
        // The first version remembers the values that a named transaction reads, and has no word for another way.
        return write.isNamedRead() && !known.containsAll(members.get())
                ? new Write(write.command(), write.precondition(), write.requestId(), true)
                : write;
    }
}
