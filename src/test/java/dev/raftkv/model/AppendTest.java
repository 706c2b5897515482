package dev.raftkv.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AppendTest {
    private static Command.Append append(String prefix) {
        return new Command.Append(Prefix.of(prefix), new JsonText(new byte[] {'1'}), 0);
    }

    @Test
    void namesSortAsTheirNumbersDo() {
        Command.Append append = append("queue/");
        assertEquals("queue/00000000000000000057", append.key(57).text());
        assertEquals("queue/09223372036854775807", append.key(Long.MAX_VALUE).text());
        byte[] before = append.key(1).utf8();
        for (long revision = 9; revision > 0; revision = revision * 10 + 9) {
            byte[] key = append.key(revision).utf8();
            assertTrue(Arrays.compareUnsigned(before, key) < 0, append.key(revision)::text);
            before = key;
        }
    }

    @Test
    void eachOfItsKeysIsNoLongerThanAKeyMayBe() {
        assertEquals(Key.MAX_BYTES, append("x".repeat(1004)).key(1).utf8().length);
        assertEquals(
                Code.TOO_LARGE,
                assertThrows(KvException.class, () -> append("x".repeat(1005))).code());
        assertEquals(
                Code.TOO_LARGE,
                assertThrows(KvException.class, () -> append("é".repeat(503))).code());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", " queue/", "\u2003queue/"})
    void aPrefixIsOneThatAKeyCanBeginWith(String prefix) {
        assertEquals(
                Code.INVALID,
                assertThrows(KvException.class, () -> append(prefix)).code());
    }

    @Test
    void whiteSpaceBeforeTheNumberIsPartOfTheName() {
        assertEquals("q 00000000000000000001", append("q ").key(1).text());
    }
}
