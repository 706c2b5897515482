package dev.raftkv.codec;

import static dev.raftkv.codec.CommandCodec.ENTRY;

import dev.raftkv.codec.wire.Condition;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.Precondition.Match;
import java.util.Optional;

/** The preconditions of commands. */
final class ConditionCodec {
    private ConditionCodec() {}

    static Condition encode(Precondition precondition) {
        Condition.Builder wire = Condition.newBuilder();
        precondition.ifMatch().ifPresent(match -> wire.setIfMatch(encode(match)));
        precondition.ifNoneMatch().ifPresent(match -> wire.setIfNoneMatch(encode(match)));
        return wire.build();
    }

    private static dev.raftkv.codec.wire.Match encode(Match match) {
        return dev.raftkv.codec.wire.Match.newBuilder()
                .setAny(match.any())
                .addAllRevisions(match.revisions())
                .build();
    }

    static Precondition decode(Condition wire) {
        Wire.requireKnown(wire, ENTRY);
        return new Precondition(
                wire.hasIfMatch() ? Optional.of(decode(wire.getIfMatch())) : Optional.empty(),
                wire.hasIfNoneMatch() ? Optional.of(decode(wire.getIfNoneMatch())) : Optional.empty());
    }

    private static Match decode(dev.raftkv.codec.wire.Match wire) {
        Wire.requireKnown(wire, ENTRY);
        return wire.getAny() ? Match.ANY : Match.of(wire.getRevisionsList());
    }
}
