package dev.raftkv.raft.log;

import dev.raftkv.codec.CommandCodec;
import dev.raftkv.kv.ClusterClock;
import dev.raftkv.model.Batch;
import dev.raftkv.model.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/**
 * One entry on its way into the log of this leader. Ratis says "not the leader" both before it appends an entry and when it
 * loses its leadership with the entry in its log, where another leader may still commit it; this tells the two apart.
 */
public final class Proposal implements Message {
    private final BooleanSupplier sameTerm;
    private final ClusterClock.Stamp stamp;
    private final Batch batch;
    private final ByteString content;
    private volatile boolean inLog;
    private volatile List<Outcome> outcomes;

    /**
     * @param sameTerm whether this node still leads in the term in which it took the stamp, having applied all entries of
     *     its predecessors
     */
    Proposal(BooleanSupplier sameTerm, ClusterClock.Stamp stamp, List<EncodedWrite> writes) {
        this.sameTerm = sameTerm;
        this.stamp = stamp;
        this.batch =
                new Batch(stamp.time(), writes.stream().map(EncodedWrite::write).toList());
        this.content = UnsafeByteOperations.unsafeWrap(CommandCodec.entry(
                stamp.time(), writes.stream().map(EncodedWrite::bytes).toList()));
    }

    /** Whether the entry may still get into the log: its time is true for one term, as DESIGN.md in dev.raftkv.kv tells. */
    public boolean isOfThisTerm() {
        return sameTerm.getAsBoolean();
    }

    public ClusterClock.Stamp stamp() {
        return stamp;
    }

    public Batch batch() {
        return batch;
    }

    @Override
    public ByteString getContent() {
        return content;
    }

    /** Ratis appends the entry now. There is no way back: what fails from here on may be in the log all the same. */
    public void appending() {
        inLog = true;
    }

    /** Whether the entry is, or may be, in the log. */
    boolean mayCommit() {
        return inLog;
    }

    /**
     * The entry is applied. The outcomes do not go with Ratis' reply, which is kept for a while after it was given: they may be
     * large.
     */
    public void applied(List<Outcome> made) {
        outcomes = made;
    }

    /** One per command, in order; empty if the entry was not applied for this proposal. */
    Optional<List<Outcome>> outcomes() {
        return Optional.ofNullable(outcomes);
    }
}
