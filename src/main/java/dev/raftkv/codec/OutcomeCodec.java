package dev.raftkv.codec;

import dev.raftkv.codec.wire.AnnouncedOutcome;
import dev.raftkv.codec.wire.LogOutcome;
import dev.raftkv.codec.wire.LogOutcomes;
import dev.raftkv.codec.wire.RemovedOutcome;
import dev.raftkv.codec.wire.StoredOutcome;
import dev.raftkv.model.Outcome;
import java.nio.ByteBuffer;
import java.util.List;

/** What applying one Raft log entry did, on its way from the state machine to the writer. */
public final class OutcomeCodec {
    private static final int FORMAT = 1;
    private static final String OUTCOMES = "the outcome of a Raft log entry";

    private OutcomeCodec() {}

    public static byte[] encode(List<Outcome> outcomes) {
        LogOutcomes.Builder wire = LogOutcomes.newBuilder().setFormat(FORMAT);
        for (Outcome outcome : outcomes) {
            LogOutcome.Builder one =
                    outcome.match(OutcomeCodec::stored, OutcomeCodec::removed, OutcomeCodec::announced);
            wire.addOutcomes(one.setRevision(outcome.revision()));
        }
        return wire.build().toByteArray();
    }

    /**
     * The outcomes, one per command, in order.
     *
     * @param outcomes read from its position to its limit
     * @throws FormatException if they are damaged, or one is of a kind that this version does not know
     */
    public static List<Outcome> decode(ByteBuffer outcomes) {
        LogOutcomes decoded = Wire.parse(LogOutcomes.parser(), outcomes, OUTCOMES);
        if (decoded.getFormat() != FORMAT) {
            throw FormatException.unknownFormat(OUTCOMES, decoded.getFormat(), FORMAT);
        }
        Wire.requireKnown(decoded, OUTCOMES);
        return decoded.getOutcomesList().stream().map(OutcomeCodec::outcome).toList();
    }

    private static LogOutcome.Builder stored(Outcome.Stored stored) {
        return LogOutcome.newBuilder().setStored(StoredOutcome.getDefaultInstance());
    }

    private static LogOutcome.Builder removed(Outcome.Removed removed) {
        return LogOutcome.newBuilder().setRemoved(RemovedOutcome.newBuilder().setExisted(removed.existed()));
    }

    private static LogOutcome.Builder announced(Outcome.Announced announced) {
        return LogOutcome.newBuilder().setAnnounced(AnnouncedOutcome.getDefaultInstance());
    }

    private static Outcome outcome(LogOutcome wire) {
        Wire.requireKnown(wire, OUTCOMES);
        return switch (wire.getKindCase()) {
            case STORED -> new Outcome.Stored(wire.getRevision());
            case REMOVED ->
                new Outcome.Removed(wire.getRevision(), wire.getRemoved().getExisted());
            case ANNOUNCED -> new Outcome.Announced(wire.getRevision());
            case KIND_NOT_SET -> throw FormatException.unknownContent(OUTCOMES, "a kind of outcome");
        };
    }
}
