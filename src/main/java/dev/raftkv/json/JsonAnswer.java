package dev.raftkv.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What another node answers: members that are asked for are found by their path, all others may come and go with the versions.
 * A member of another kind counts as absent. Immutable.
 */
public final class JsonAnswer {
    private final byte[] utf8;

    private JsonAnswer(byte[] utf8) {
        this.utf8 = utf8;
    }

    /** Empty if it is not one JSON value. */
    public static Optional<JsonAnswer> read(byte[] utf8) {
        try (JsonParser parser = Json.FACTORY.createParser(utf8)) {
            if (parser.nextToken() == null) {
                return Optional.empty();
            }
            parser.skipChildren();
            return parser.nextToken() == null ? Optional.of(new JsonAnswer(utf8)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** @param path the names of members, each of the one before */
    public Optional<String> text(String... path) {
        return at(path, JsonAnswer::text);
    }

    /** A whole number. */
    public Optional<Long> number(String... path) {
        return at(path, parser -> isLong(parser) ? parser.getLongValue() : null);
    }

    /** An array of texts, and of nothing else. */
    public Optional<List<String>> texts(String... path) {
        return at(path, parser -> {
            if (parser.currentToken() != JsonToken.START_ARRAY) {
                return null;
            }
            List<String> texts = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                String text = text(parser);
                if (text == null) {
                    return null;
                }
                texts.add(text);
            }
            return texts;
        });
    }

    private static String text(JsonParser parser) throws IOException {
        return parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : null;
    }

    private static boolean isLong(JsonParser parser) throws IOException {
        return parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
    }

    private interface Reading<T> {
        /** Null if the value is of another kind. */
        T of(JsonParser parser) throws IOException;
    }

    private <T> Optional<T> at(String[] path, Reading<T> reading) {
        try (JsonParser parser = Json.FACTORY.createParser(utf8)) {
            parser.nextToken();
            for (String name : path) {
                if (!enter(parser, name)) {
                    return Optional.empty();
                }
            }
            return Optional.ofNullable(reading.of(parser));
        } catch (IOException e) {
            throw new IllegalStateException("it was read before", e);
        }
    }

    private static boolean enter(JsonParser parser, String name) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            return false;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean found = parser.currentName().equals(name);
            parser.nextToken();
            if (found) {
                return true;
            }
            parser.skipChildren();
        }
        return false;
    }
}
