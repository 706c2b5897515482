package dev.raftkv.raft.log;

import dev.raftkv.codec.CommandCodec;
import dev.raftkv.model.Write;

/** A command on its way into the log, encoded by whoever has brought it: the one thread that makes entries only joins them. */
public record EncodedWrite(Write write, byte[] bytes) {
    static EncodedWrite of(Write write) {
        return new EncodedWrite(write, CommandCodec.encode(write));
    }

    /** What it takes of an entry, in bytes. */
    int size() {
        return CommandCodec.sizeInEntry(bytes);
    }
}
