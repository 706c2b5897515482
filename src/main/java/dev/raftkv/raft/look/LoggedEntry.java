package dev.raftkv.raft.look;

import dev.raftkv.model.Batch;
import dev.raftkv.model.Member;
import java.util.List;

/**
 * One entry of the Raft log.
 *
 * @param bytes its size in the log
 */
public record LoggedEntry(long index, long term, int bytes, Content content) {
    /** What an entry is about. */
    public sealed interface Content {
        /** What users call it. */
        String kind();
    }

    /** What clients asked for. */
    public record Commands(Batch batch) implements Content {
        @Override
        public String kind() {
            return "commands";
        }
    }

    /**
     * Who the members are.
     *
     * @param members their HTTP addresses are not part of it
     * @param before the members before, while their change is under way; else empty
     */
    public record Configuration(List<Member> members, List<Member> before) implements Content {
        @Override
        public String kind() {
            return "configuration";
        }
    }

    /** How far the log was committed when the entry was made. */
    public record Metadata(long commitIndex) implements Content {
        @Override
        public String kind() {
            return "metadata";
        }
    }
}
