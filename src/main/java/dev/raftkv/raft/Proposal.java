package dev.raftkv.raft;

import dev.raftkv.codec.CommandCodec;
import dev.raftkv.model.Batch;
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

    /** Ratis is about to append the entry. */
    void starts() {
        inLog = true;
    }

    /** Ratis has not appended the entry, and never will. */
    void cancelled() {
        inLog = false;
    }

    /** Whether the entry is, or may be, in the log. */
    boolean mayCommit() {
        return inLog;
    }
}
