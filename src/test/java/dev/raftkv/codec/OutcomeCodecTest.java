package dev.raftkv.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.raftkv.model.Outcome;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
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
