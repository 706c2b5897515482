package dev.raftkv.rest.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PercentCodeTest {
    @ParameterizedTest
    @CsvSource({
        "a/b, a/b",
        "100%25, 100%",
        "a%2Fb%2fc, a/b/c",
        "cl%C3%A9, cl\u00e9",
        "%F0%9F%98%80, \ud83d\ude00",
        "%E2%98%83+1, \u2603+1",
        "raw\u00e9%20, 'raw\u00e9 '"
    })
    void pathIsDecodedAsUtf8AndItsPlusStays(String raw, String text) {
        assertEquals(text, PercentCode.decodePath(raw));
    }

    @Test
    void plusInAQueryIsASpace() {
        assertEquals("a b+c", PercentCode.decodeQuery("a+b%2Bc"));
        assertEquals("a b", PercentCode.decodeQuery("a+b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "a%2", "%zz", "%2g", "%-1", "a%%20"})
    void malformedEncodingIsUnreadable(String raw) {
        assertRefused(
                "malformed percent-encoding in " + raw + ": write a percent sign that is meant as one as %25", raw);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%c3", "%c3(", "%C0%80", "%ED%A0%80", "%ff", "a%80"})
    void encodingOfWhatIsNotUtf8IsUnreadable(String raw) {
        assertRefused("the percent-encoding of " + raw + " is not UTF-8: encode the text as UTF-8", raw);
    }

    private static void assertRefused(String sentence, String raw) {
        KvException e = assertThrows(KvException.class, () -> PercentCode.decodePath(raw));
        assertEquals(sentence, e.getMessage());
        assertEquals(Code.UNREADABLE, e.code());
    }
}
