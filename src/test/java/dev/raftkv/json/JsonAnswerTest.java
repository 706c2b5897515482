package dev.raftkv.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonAnswerTest {
    private static final String ANSWER = """
            {"a": "outer", "new": {"a": "other", "list": [{"a": 1}, []]},
             "data": {"n": 57, "a": "quoted \\"text\\"", "list": ["x", "y"], "none": null, "large": 1e3, "huge": 99999999999999999999}}
            """;

    private static JsonAnswer read(String json) {
        return JsonAnswer.read(json.getBytes(UTF_8)).orElseThrow();
    }

    @Test
    void membersAreFoundByTheirPathAndNotByTheirNameElsewhere() {
        JsonAnswer answer = read(ANSWER);
        assertEquals(Optional.of("outer"), answer.text("a"));
        assertEquals(Optional.of("quoted \"text\""), answer.text("data", "a"));
        assertEquals(Optional.of(57L), answer.number("data", "n"));
        assertEquals(Optional.of(List.of("x", "y")), answer.texts("data", "list"));
        assertEquals(Optional.empty(), answer.text("data", "b"));
        assertEquals(Optional.empty(), answer.text("a", "b"));
    }

    @Test
    void aMemberOfAnotherKindIsAbsent() {
        JsonAnswer answer = read(ANSWER);
        assertEquals(Optional.empty(), answer.text("data"));
        assertEquals(Optional.empty(), answer.text("data", "none"));
        assertEquals(Optional.empty(), answer.text("data", "n"));
        assertEquals(Optional.empty(), answer.number("data", "a"));
        assertEquals(Optional.empty(), answer.number("data", "large"));
        assertEquals(Optional.empty(), answer.number("data", "huge"));
        assertEquals(Optional.empty(), answer.texts("data", "a"));
        assertEquals(Optional.empty(), answer.texts("new", "list"));
        assertEquals(Optional.empty(), read("[]").text("a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "<html></html>", "{\"a\":1", "{} {}", "{\"a\":1}}", "nothing"})
    void whatIsNotOneJsonValueIsNotRead(String text) {
        assertEquals(Optional.empty(), JsonAnswer.read(text.getBytes(UTF_8)));
    }
}
