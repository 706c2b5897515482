package dev.raftkv.rest.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoreRequestTest {
    static Stream<String> values() {
        return Stream.of(
                "0",
                "-0",
                "7",
                "1.10",
                "-1.50",
                "1e400",
                "1E-400",
                "123456789012345678901234567890",
                "0.1000000000000000055511151231257827021181583404541015625",
                "9".repeat(50_000),
                "true",
                "false",
                "null",
                "\"\"",
                "\"x\"",
                "\" , } ] \"",
                "\"quote \\\" backslash \\\\ slash \\/ tab \\t u \\u00e9 half \\ud83d\"",
                "\"caf\u00e9 \u2603 \ud83d\ude00\"",
                "\"" + "long ".repeat(100_000) + "\"",
                "[]",
                "{}",
                "[ 1 ,\n 2.50,{\"c\" :null } ]",
                "{ \"b\" : [1,2,{\"c\":null}] ,\r\n\t\"a\":true, \"a\" : \"<&>\", \"key\":1 }",
                "{\"" + "name".repeat(20_000) + "\":0}",
                "[".repeat(1000) + "]".repeat(1000));
    }

    @ParameterizedTest
    @MethodSource("values")
    void valueIsCutOutVerbatim(String value) {
        assertEquals(value, value("{\"key\":\"k\",\"value\":" + value + "}"));
        assertEquals(value, value("{\"key\":\"k\",\"value\": " + value + " \n}"));
        assertEquals(value, value("{\"value\":" + value + ",\"key\":\"k\"}"));
        assertEquals(value, value(" \t{ \"value\" \r\n:\n" + value + " , \"key\" : \"k\" }\n"));
        assertEquals(value, value("{\"\\u0076alue\":" + value + ",\"k\\u0065y\":\"\ud83d\ude00\"}"));
    }

    @ParameterizedTest
    @MethodSource("values")
    void bareValueIsWithoutTheWhiteSpaceAroundIt(String value) {
        assertEquals(value, bare(value));
        assertEquals(value, bare(value + "\n"));
        assertEquals(value, bare(" \t\r\n" + value + "\r\n\t \n"));
    }

    private static String bare(String body) {
        return StoreRequest.parse(Key.of("k"), OptionalLong.empty(), body.getBytes(UTF_8))
                .value()
                .toString();
    }

    private static String value(String body) {
        return StoreRequest.parse(body.getBytes(UTF_8)).value().toString();
    }

    @ParameterizedTest
    @CsvSource({
        "'\"pad\"', pad",
        "'\"  pad \\n\"', pad",
        "'\"a/b c\"', a/b c",
        "'\"cl\u00e9\"', cl\u00e9",
        "'\"\\u0063\\u006c\\u00e9\"', cl\u00e9",
        "'\"\\ud83d\\ude00\"', \ud83d\ude00",
        "'\"a\\\"b\"', a\"b"
    })
    void keyIsDecodedAndTrimmed(String json, String key) {
        StoreRequest request = StoreRequest.parse(("{\"key\":" + json + ",\"value\":1}").getBytes(UTF_8));

        assertEquals(key, request.key().text());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  \n ",
                "null",
                " null ",
                "{}",
                "{\"value\":1}",
                "{\"key\":null,\"value\":1}",
                "{\"key\":\"\"}",
                "{\"key\":\"   \",\"value\":1}"
            })
    void bodyWithoutAKeyHasAnEmptyKey(String body) {
        assertRefused(Code.INVALID, "key is empty", body);
    }

    @Test
    void whatIsReadableAndNotAcceptableIsNamed() {
        assertRefused(Code.INVALID, "value is missing: give any JSON value, or null", "{\"key\":\"k\"}");
        assertRefused(Code.INVALID, "key is no string: write it in double quotes", "{\"key\":5,\"value\":1}");
        assertRefused(Code.INVALID, "key is no string: write it in double quotes", "{\"key\":[\"k\"],\"value\":1}");
        assertRefused(
                Code.INVALID,
                "unknown field \"tll\": the fields of this request are key, value, ttl",
                "{\"key\":\"k\",\"value\":1,\"tll\":{\"a\":1}}");
        assertRefused(
                Code.INVALID,
                "unknown field \"KEY\": the fields of this request are key, value, ttl",
                "{\"KEY\":\"k\",\"value\":1}");
        assertRefused(
                Code.INVALID, "duplicate field \"key\": give it once", "{\"key\":\"k\",\"key\":\"k\",\"value\":1}");
        assertRefused(
                Code.INVALID,
                "duplicate field \"value\": give it once",
                "{\"key\":\"k\",\"value\":1,\"v\\u0061lue\":2}");
        assertRefused(
                Code.INVALID,
                "key is not valid Unicode: it holds half of a surrogate pair",
                "{\"key\":\"\\ud83d\",\"value\":1}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1,2]", "\"k\"", "5", "true"})
    void bodyThatIsNoObjectIsRefused(String body) {
        assertRefused(Code.INVALID, "the body is no JSON object: send one with the members key, value, ttl", body);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":"})
    void valueThatIsNestedTooDeepIsRefused(String open) {
        String deep = open.repeat(1001);

        assertRefused(
                Code.INVALID,
                "the JSON is nested too deep: the limit is 1000 levels",
                "{\"key\":\"k\",\"value\":" + deep);
    }

    @ParameterizedTest
    @CsvSource({
        "'{key:1}', 'unexpected text at line 1, column 2'",
        "'{\"key\":\"a\",}', 'unexpected text at line 1, column 12'",
        "'{\"key\":\"a\" \"value\":1}', 'unexpected text at line 1, column 12'",
        "'{\"key\":\"a\",', 'it ends too early, at line 1, column 12'",
        "'{\"key\":\"a\",\"value\":', 'it ends too early, at line 1, column 20'",
        "'{\"key\":\"a\",\"value\":[1', 'it ends too early, at line 1, column 22'",
        "'{\"key\":\"a\",\"value\":\"abc', 'it ends too early, at line 1, column 24'",
        "'{', 'it ends too early, at line 1, column 2'"
    })
    void brokenJsonIsRefusedWithThePlace(String body, String problem) {
        assertRefused(Code.UNREADABLE, "the body is not valid JSON: " + problem, body);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "01",
                "+1",
                ".5",
                "1.",
                "1e",
                "0x10",
                "NaN",
                "Infinity",
                "-Infinity",
                "nul",
                "TRUE",
                "'x'",
                "\"\\x\"",
                "\"\\u12g4\"",
                "\"tab\there\"",
                "[1,]",
                "[1 2]",
                "{\"a\"}",
                "{a:1}",
                "/* no */ 1",
                "1 // no",
                "1x",
                "\"a\"b"
            })
    void valueThatIsNoJsonIsRefusedWithoutWordsOfJackson(String value) {
        KvException e = refusal("{\"key\":\"k\",\"value\":" + value + "}");

        assertEquals(Code.UNREADABLE, e.code());
        assertTrue(
                e.getMessage().matches("the body is not valid JSON: unexpected text at line 1, column [0-9]+"),
                e.getMessage());
    }

    @Test
    void textAfterTheValueIsRefused() {
        String sentence = "more text follows the JSON value, at line 2, column 1: send nothing after it";

        assertRefused(Code.UNREADABLE, sentence, "{\"key\":\"k\",\"value\":1}\n{}");
        assertRefused(Code.UNREADABLE, sentence, "null\n1");
        assertEquals(Code.UNREADABLE, refusal("{\"key\":\"k\",\"value\":1} xyz").code());
        assertEquals(Code.UNREADABLE, refusal("null x").code());
    }

    @Test
    void bodyMustBeUtf8WithoutByteOrderMark() {
        String json = "{\"key\":\"k\",\"value\":\"\u00e9\"}";
        String wide = "the body is UTF-16, UTF-32 or binary: send UTF-8";
        String mark = "the body starts with a byte order mark: send UTF-8 without one";

        assertRefused(Code.UNREADABLE, mark, ("\ufeff" + json).getBytes(UTF_8));
        assertRefused(Code.UNREADABLE, mark, ("\ufeff" + json).getBytes(UTF_16LE));
        assertRefused(Code.UNREADABLE, mark, ("\ufeff" + json).getBytes(UTF_16BE));
        assertRefused(Code.UNREADABLE, wide, json.getBytes(UTF_16LE));
        assertRefused(Code.UNREADABLE, wide, json.getBytes(UTF_16BE));
        assertRefused(Code.UNREADABLE, "the body is not valid UTF-8 at byte 20", json.getBytes(ISO_8859_1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00c0\u0080", "\u00ed\u00a0\u0080", "\u00f4\u0090\u0080\u0080", "\u00ff", "\u00e2\u0098"})
    void bytesThatOnlyLookLikeUtf8AreRefused(String bytes) {
        byte[] body = ("{\"key\":\"k\",\"value\":\"" + bytes + "\"}").getBytes(ISO_8859_1);

        assertRefused(Code.UNREADABLE, "the body is not valid UTF-8 at byte 20", body);
    }

    @Test
    void malformedByteIsFoundBehindMuchText() {
        byte[] body = ("{\"key\":\"k\",\"value\":\"" + "x".repeat(10_000) + "\"}").getBytes(UTF_8);
        byte[] broken = Arrays.copyOf(body, body.length);
        broken[9_000] = (byte) 0xFF;

        assertEquals(10_000 + 2, StoreRequest.parse(body).value().length());
        assertRefused(Code.UNREADABLE, "the body is not valid UTF-8 at byte 9000", broken);
    }

    private static void assertRefused(Code code, String sentence, String body) {
        assertRefused(code, sentence, body.getBytes(UTF_8));
    }

    private static void assertRefused(Code code, String sentence, byte[] body) {
        KvException e = assertThrows(KvException.class, () -> StoreRequest.parse(body));
        assertEquals(sentence, e.getMessage());
        assertEquals(code, e.code());
    }

    private static KvException refusal(String body) {
        return assertThrows(KvException.class, () -> StoreRequest.parse(body.getBytes(UTF_8)));
    }
}
