package dev.raftkv.raft;

import dev.raftkv.codec.CommandCodec;
import dev.raftkv.model.Batch;
import dev.raftkv.model.Outcome;
import java.util.List;
import java.util.Optional;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/**
 * One entry on its way into the log of this leader. Ratis says "not the leader" both before it appends an entry and when it
 * loses its leadership with the entry in its log, where another leader may still commit it; this tells the two apart.
 */
final class Proposal implements Message {
    private final Batch batch;
    private final ByteString content;
    private volatile boolean inLog;
    private volatile List<Outcome> outcomes;

    Proposal(Batch batch) {
        this.batch = batch;
        this.content = UnsafeByteOperations.unsafeWrap(CommandCodec.encode(batch));
    }

    Batch batch() {
        return batch;
    }

    @Override
    public ByteString getContent() {
        return content;
    }

    /** Ratis appends the entry now. There is no way back: what fails from here on may be in the log all the same. */
    void appending() {
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
    void applied(List<Outcome> made) {
        outcomes = made;
    }

    /** One per command, in order; empty if the entry was not applied for this proposal. */
    Optional<List<Outcome>> outcomes() {
        return Optional.ofNullable(outcomes);
    }
}
