package dev.raftkv.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.raftkv.model.Entry;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.TxnOp.Result;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutcomeCodecTest {
    @Test
    void bytesOfEachOutcomeStayTheSame() {
        assertBytes("0801" + "120408051200", List.of(new Outcome.Stored(5)));
        assertBytes("0801" + "120608061a020801", List.of(new Outcome.Removed(6, true)));
        assertBytes("0801" + "120408061a00", List.of(new Outcome.Removed(6, false)));
        assertBytes("0801" + "120508ac022200", List.of(new Outcome.Announced(300)));
        assertBytes("0801120608072a020803", List.of(new Outcome.RangeRemoved(7, 3)));
        assertBytes("0801120708073a0308ac02", List.of(new Outcome.Passed(7, 300)));
        assertBytes("080112080807420408011005", List.of(new Outcome.Rejected(7, Outcome.Reason.PRECONDITION, 5)));
        assertBytes("08011206080742020802", List.of(new Outcome.Rejected(7, Outcome.Reason.REQUEST_KEY_REUSED, 0)));
        assertBytes("08011206080742020803", List.of(new Outcome.Rejected(7, Outcome.Reason.RESULT_TOO_LARGE, 0)));
        assertBytes("08011206080742020804", List.of(new Outcome.Rejected(7, Outcome.Reason.RANGE_TOO_LARGE, 0)));
        Key key = Key.of("k");
        Entry entry = new Entry(key, new JsonText(new byte[] {'1'}), 1, 2, 3, 0);
        assertBytes(
                "08011235080732310801120b0a016b120608011007180212100a016b1a0b0a090801100218037a013112050a016b1a0012070a016b22020801",
                List.of(new Outcome.TxnDone(
                        7,
                        true,
                        List.of(
                                new Result.Stored(key, 1, 7, 2),
                                new Result.Fetched(key, Optional.of(entry)),
                                new Result.Fetched(key, Optional.empty()),
                                new Result.Removed(key, true)))));
    }

    @Test
    void outcomesKeepTheirOrder() {
        assertBytes(
                "0801" + "120408051200" + "120608061a020801",
                List.of(new Outcome.Stored(5), new Outcome.Removed(6, true)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0802", "080112020805", "0801120408057a00", "08011204"})
    void whatIsNotKnownIsRefused(String outcomes) {
        ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(outcomes));

        assertThrows(FormatException.class, () -> OutcomeCodec.decode(bytes));
    }

    private static void assertBytes(String hex, List<Outcome> outcomes) {
        assertEquals(hex, HexFormat.of().formatHex(OutcomeCodec.encode(outcomes)));
        assertEquals(
                outcomes, OutcomeCodec.decode(ByteBuffer.wrap(HexFormat.of().parseHex(hex))));
    }
}
