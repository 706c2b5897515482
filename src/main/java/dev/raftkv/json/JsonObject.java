package dev.raftkv.json;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.raftkv.model.Code;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.KvException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the JSON object that a request's body is, member by member: {@link #next()}, {@link #name()}, then one of
 * {@link #string()}, {@link #flag()} and {@link #verbatim()}. A body that is empty or {@code null} reads as an object
 * without members. All methods throw {@link KvException}: {@link Code#UNREADABLE} if the body is not one JSON value in
 * UTF-8, {@link Code#INVALID} if it is another one than asked for. Belongs to one thread.
 */
public final class JsonObject implements AutoCloseable {
    private final byte[] body;
    private final List<String> allowed;
    private final Set<String> seen = new HashSet<>();
    private final JsonParser parser;
    private String name;

    private JsonObject(byte[] body, List<String> allowed) throws IOException {
        this.body = body;
        this.allowed = allowed;
        this.parser = Json.FACTORY.createParser(body);
    }

    /** @param allowed the names that the members may have, each once */
    public static JsonObject read(byte[] body, String... allowed) {
        Utf8.check(body);
        try {
            JsonObject object = new JsonObject(body, List.of(allowed));
            object.begin();
            return object;
        } catch (IOException e) {
            throw failure(e, body);
        }
    }

    /** The one JSON value that a body is, without the white space around it. */
    public static JsonText bare(byte[] body) {
        Utf8.check(body);
        try (JsonObject value = new JsonObject(body, List.of())) {
            if (value.parser.nextToken() == null) {
                throw new KvException(Code.UNREADABLE, "the body is empty: send the value as JSON");
            }
            JsonText text = value.verbatim();
            value.requireEnd(value.parser.nextToken());
            return text;
        } catch (IOException e) {
            throw failure(e, body);
        }
    }

    private void begin() throws IOException {
        JsonToken first = parser.nextToken();
        boolean none = first == null || first == JsonToken.VALUE_NULL;
        if (!none && first != JsonToken.START_OBJECT) {
            throw new KvException(
                    Code.INVALID,
                    "the body is no JSON object: send one with the members " + String.join(", ", allowed));
        }
    }

    /** Moves to the next member; false if there is none, and then nothing follows in the body. */
    public boolean next() {
        try {
            JsonToken token = parser.nextToken();
            if (token != JsonToken.FIELD_NAME) {
                requireEnd(token == JsonToken.END_OBJECT ? parser.nextToken() : token);
                return false;
            }
            name = parser.currentName();
            parser.nextToken();
        } catch (IOException e) {
            throw failure(e, body);
        }
        if (!allowed.contains(name)) {
            throw new KvException(
                    Code.INVALID,
                    "unknown field \"" + name + "\": the fields of this request are " + String.join(", ", allowed));
        }
        if (!seen.add(name)) {
            throw new KvException(Code.INVALID, "duplicate field \"" + name + "\": give it once");
        }
        return true;
    }

    private void requireEnd(JsonToken token) {
        if (token != null) {
            throw new KvException(
                    Code.UNREADABLE,
                    "more text follows the JSON value, at " + place(parser.currentTokenLocation())
                            + ": send nothing after it");
        }
    }

    public String name() {
        return name;
    }

    /** The member's text; null for a JSON null. */
    public String string() {
        try {
            return switch (parser.currentToken()) {
                case VALUE_STRING -> parser.getText();
                case VALUE_NULL -> null;
                default -> throw new KvException(Code.INVALID, name + " is no string: write it in double quotes");
            };
        } catch (IOException e) {
            throw failure(e, body);
        }
    }

    public boolean flag() {
        return switch (parser.currentToken()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> throw new KvException(Code.INVALID, name + " is neither true nor false");
        };
    }

    /** The member's whole number. */
    public long number(long min, long max) {
        try {
            if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
                    && parser.getLongValue() >= min
                    && parser.getLongValue() <= max) {
                return parser.getLongValue();
            }
            throw new KvException(
                    Code.INVALID, name + " is not acceptable: give a whole number from " + min + " to " + max);
        } catch (IOException e) {
            throw failure(e, body);
        }
    }

    /** The elements of the array that the member is, as they stand in the body. */
    public List<JsonText> elements(int limit) {
        try {
            if (parser.currentToken() != JsonToken.START_ARRAY) {
                throw new KvException(Code.INVALID, name + " is no array: write it in square brackets");
            }
            List<JsonText> elements = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (elements.size() == limit) {
                    throw new KvException(Code.INVALID, name + " has more than " + limit + " elements");
                }
                elements.add(verbatim());
            }
            return elements;
        } catch (IOException e) {
            throw failure(e, body);
        }
    }

    /** The elements of the array of strings that the member is. */
    public List<String> strings(int limit) {
        List<String> strings = new ArrayList<>();
        for (JsonText element : elements(limit)) {
            strings.add(string(element)
                    .orElseThrow(() -> new KvException(
                            Code.INVALID,
                            name + " has an element that is no string: write each one in double quotes")));
        }
        return strings;
    }

    /** The text that a JSON text stands for; empty if it is no string. */
    public static Optional<String> string(JsonText json) {
        try (JsonParser one = Json.FACTORY.createParser(json.utf8())) {
            return one.nextToken() == JsonToken.VALUE_STRING ? Optional.of(one.getText()) : Optional.empty();
        } catch (IOException e) {
            throw failure(e, json.utf8());
        }
    }

    /** The member's value as it stands in the body. */
    public JsonText verbatim() {
        try {
            int start = (int) parser.currentTokenLocation().getByteOffset();
            parser.skipChildren();
            parser.finishToken();
            int end = (int) parser.currentLocation().getByteOffset();
            // Jackson takes the white space that ends a number at the root for a part of it.
            while (end > start && body[end - 1] <= ' ') {
                end--;
            }
            return new JsonText(Arrays.copyOfRange(body, start, end));
        } catch (IOException e) {
            throw failure(e, body);
        }
    }

    @Override
    public void close() {
        try {
            parser.close();
        } catch (IOException e) {
            throw failure(e, body);
        }
    }

    /** Jackson's own messages name its classes and settings, which are nothing to a client. */
    private static KvException failure(IOException e, byte[] body) {
        if (e instanceof StreamConstraintsException) {
            return new KvException(
                    Code.INVALID, "the JSON is nested too deep: the limit is " + Json.MAX_DEPTH + " levels", e);
        }
        JsonLocation location = e instanceof JsonProcessingException json ? json.getLocation() : JsonLocation.NA;
        String problem = location.getByteOffset() < body.length ? "unexpected text at " : "it ends too early, at ";
        return new KvException(Code.UNREADABLE, "the body is not valid JSON: " + problem + place(location), e);
    }

    private static String place(JsonLocation location) {
        return "line " + location.getLineNr() + ", column " + location.getColumnNr();
    }
}
