package dev.raftkv.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.raftkv.codec.wire.LogOutcome;
import dev.raftkv.model.Counter;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Hold;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.TxnOp.Result;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutcomeCodecTest {
    @Test
    void bytesOfEachOutcomeStayTheSame() {
        assertBytes("08051200", new Outcome.Stored(5));
        assertBytes("08061a020801", new Outcome.Removed(6, true));
        assertBytes("08061a00", new Outcome.Removed(6, false));
        assertBytes("08ac022200", new Outcome.Announced(300));
        assertBytes("08072a020803", new Outcome.RangeRemoved(7, 3));
        assertBytes("08073a0308ac02", new Outcome.Passed(7, 300));
        assertBytes("0807420408011005", new Outcome.Rejected(7, Outcome.Reason.PRECONDITION, 5));
        assertBytes("080742020802", new Outcome.Rejected(7, Outcome.Reason.REQUEST_KEY_REUSED, 0));
        assertBytes("080742020803", new Outcome.Rejected(7, Outcome.Reason.RESULT_TOO_LARGE, 0));
        assertBytes("080742020804", new Outcome.Rejected(7, Outcome.Reason.RANGE_TOO_LARGE, 0));
        assertBytes("080742020805", new Outcome.Rejected(7, Outcome.Reason.RESTORE_UNDER_WAY, 0));
        assertBytes("080742020806", new Outcome.Rejected(7, Outcome.Reason.RESTORE_ENDED, 0));
        assertBytes("080742020807", new Outcome.Rejected(7, Outcome.Reason.KEYS_IN_THE_WAY, 0));
        assertBytes("080742020808", new Outcome.Rejected(7, Outcome.Reason.WRITTEN_MEANWHILE, 0));
        assertBytes("080742020809", new Outcome.Rejected(7, Outcome.Reason.NO_COUNTER, 0));
        assertBytes("08074202080a", new Outcome.Rejected(7, Outcome.Reason.COUNTER_TOO_LONG, 0));
        assertBytes("08074202080b", new Outcome.Rejected(7, Outcome.Reason.KEY_TAKEN, 0));
        assertBytes("08074a040a02012c", new Outcome.Added(7, new Counter(BigInteger.valueOf(300))));
        Key key = Key.of("k");
        assertBytes(
                "080732120801120e0a016b3209080110071802220105",
                new Outcome.TxnDone(
                        7, true, List.of(new Result.Added(key, new Counter(BigInteger.valueOf(5)), 1, 7, 2))));
        Entry entry = new Entry(key, new JsonText(new byte[] {'1'}), 1, 2, 3, 0);
        assertBytes(
                "080732310801120b0a016b120608011007180212100a016b1a0b0a090801100218037a013112050a016b1a0012070a016b22020801",
                new Outcome.TxnDone(
                        7,
                        true,
                        List.of(
                                new Result.Stored(key, 1, 7, 2),
                                new Result.Fetched(key, Optional.of(entry)),
                                new Result.Fetched(key, Optional.empty()),
                                new Result.Removed(key, true))));
        assertBytes(
                "0807320f0801120b0a016b2a06080110021803",
                new Outcome.TxnDone(7, true, List.of(new Result.Seen(key, 1, 2, 3))));
        assertBytes("08074202080c", new Outcome.Rejected(7, Outcome.Reason.COMPARED_RANGE_TOO_LARGE, 0));
        assertBytes("08074202080d", new Outcome.Rejected(7, Outcome.Reason.READ_RANGE_TOO_LARGE, 0));
        assertBytes(
                "08073226080112220a016b4a1d08011007180222150a100000000000000001000000000000000210ac02",
                new Outcome.TxnDone(7, true, List.of(new Result.Taken(key, 1, 7, 2, new Hold(new UUID(1, 2), 300)))));
        Prefix prefix = Prefix.of("p");
        assertBytes(
                "08073234080112260a01703a210a100a016b1a0b0a090801100218037a01310a0b0a016b2a06080110021803100112080a0170420308ac02",
                new Outcome.TxnDone(
                        7,
                        true,
                        List.of(
                                new Result.RangeFetched(
                                        prefix,
                                        List.of(
                                                new Result.Fetched(key, Optional.of(entry)),
                                                new Result.Seen(key, 1, 2, 3)),
                                        true),
                                new Result.RangeRemoved(prefix, 300))));
        assertBytes(
                "0807320412023a00",
                new Outcome.TxnDone(7, false, List.of(new Result.RangeFetched(Prefix.ALL, List.of(), false))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0802",
                "08057a00",
                "0807320908011205" + "0a016b4a00",
                "0807320b08011207" + "0a01703a021801",
                "080732100801120c" + "0a01703a070a050a016b3a00",
                "0807320b08011207" + "0a017042021001"
            })
    void whatIsNotKnownIsRefused(String hex) throws InvalidProtocolBufferException {
        LogOutcome outcome = LogOutcome.parseFrom(HexFormat.of().parseHex(hex));

        assertThrows(FormatException.class, () -> OutcomeCodec.decode(outcome));
    }

    private static void assertBytes(String hex, Outcome outcome) {
        assertEquals(hex, HexFormat.of().formatHex(OutcomeCodec.encode(outcome).toByteArray()));
        try {
            assertEquals(
                    outcome,
                    OutcomeCodec.decode(LogOutcome.parseFrom(HexFormat.of().parseHex(hex))));
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
