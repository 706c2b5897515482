package dev.raftkv.rest.consul.text;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.raftkv.json.Json;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * JSON as Go takes it: names of members without regard to case, of which the last one counts; null stands for what is absent; what
 * nobody asks for is not looked at. What is of another kind than asked for is a {@link ConsulFailure}. Immutable.
 */
public final class ConsulBody {
    /** 400, and what all its texts begin with. */
    private final String failure;

    /** A list, a map of {@link Member}s by their names in small letters, a string, a number, true or false; null. */
    private final Object value;

    private ConsulBody(String failure, Object value) {
        this.failure = failure;
        this.value = value;
    }

    /**
     * @param failure what the text of each failure begins with
     * @throws ConsulFailure if it is not one JSON value
     */
    public static ConsulBody parse(byte[] utf8, String failure) {
        if (!Json.isText(utf8)) {
            throw new ConsulFailure(400, failure + "the body is not UTF-8");
        }
        try (JsonParser parser = Json.FACTORY.createParser(utf8)) {
            if (parser.nextToken() == null) {
                throw new ConsulFailure(400, failure + "EOF");
            }
            ConsulBody body = new ConsulBody(failure, read(parser, failure));
            if (parser.nextToken() != null) {
                throw new ConsulFailure(400, failure + "more follows the JSON value");
            }
            return body;
        } catch (JacksonException e) {
            throw new ConsulFailure(400, failure + e.getOriginalMessage());
        } catch (IOException e) {
            throw new ConsulFailure(400, failure + e.getMessage());
        }
    }

    private static Object read(JsonParser parser, String failure) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> members(parser, failure);
            case START_ARRAY -> elements(parser, failure);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }

    /** @param name as it was written */
    private record Member(String name, ConsulBody body) {}

    private static Map<String, Member> members(JsonParser parser, String failure) throws IOException {
        Map<String, Member> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            Object member = read(parser, failure);
            if (member != null) {
                members.put(name.toLowerCase(Locale.ROOT), new Member(name, new ConsulBody(failure, member)));
            }
        }
        return members;
    }

    private static List<ConsulBody> elements(JsonParser parser, String failure) throws IOException {
        List<ConsulBody> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            elements.add(new ConsulBody(failure, read(parser, failure)));
        }
        return elements;
    }

    /** A member of an object. */
    public Optional<ConsulBody> member(String name) {
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof Map<?, ?> members) {
            return Optional.ofNullable((Member) members.get(name.toLowerCase(Locale.ROOT)))
                    .map(Member::body);
        }
        throw refused("an object");
    }

    /** Those of an array; none if it is null. */
    public List<ConsulBody> elements() {
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> elements) {
            return elements.stream().map(ConsulBody.class::cast).toList();
        }
        throw refused("an array");
    }

    /** The text of a member; another one if it is absent. */
    public String text(String name, String absent) {
        return member(name).map(ConsulBody::text).orElse(absent);
    }

    public String text() {
        if (value instanceof String text) {
            return text;
        }
        throw refused("a string");
    }

    public boolean isText() {
        return value instanceof String;
    }

    /** The 64 bits of a member that is an unsigned number; 0 if it is absent. */
    public long unsigned(String name) {
        return member(name).map(ConsulBody::unsigned).orElse(0L);
    }

    private long unsigned() {
        BigInteger whole = whole();
        if (whole.signum() < 0 || whole.bitLength() > Long.SIZE) {
            throw refused("an unsigned number of 64 bits");
        }
        return whole.longValue();
    }

    /** A whole number of 64 bits; what is behind its point is left out. */
    public long number() {
        BigInteger whole = whole();
        if (whole.bitLength() >= Long.SIZE) {
            throw refused("a number of 64 bits");
        }
        return whole.longValue();
    }

    private BigInteger whole() {
        // Nobody writes so large a power of ten but who wants it to be written out.
        if (value instanceof BigDecimal number && Math.abs((long) number.precision() - number.scale()) <= Long.SIZE) {
            return number.toBigInteger();
        }
        throw refused("a number");
    }

    /** Writes it as it was, but for what stands for what is absent. */
    public void writeTo(JsonGenerator json) throws IOException {
        if (value instanceof Map<?, ?> members) {
            json.writeStartObject();
            for (Object each : members.values()) {
                Member member = (Member) each;
                json.writeFieldName(member.name());
                member.body().writeTo(json);
            }
            json.writeEndObject();
        } else if (value instanceof List<?> elements) {
            json.writeStartArray();
            for (Object element : elements) {
                ((ConsulBody) element).writeTo(json);
            }
            json.writeEndArray();
        } else if (value instanceof String text) {
            json.writeString(text);
        } else if (value instanceof BigDecimal number) {
            json.writeNumber(number);
        } else if (value instanceof Boolean flag) {
            json.writeBoolean(flag);
        } else {
            json.writeNull();
        }
    }

    private ConsulFailure refused(String wanted) {
        return failure("there is " + kind() + " where " + wanted + " is expected");
    }

    private String kind() {
        if (value instanceof Map) {
            return "an object";
        }
        if (value instanceof List) {
            return "an array";
        }
        if (value instanceof String) {
            return "a string";
        }
        return value == null ? "null" : value.toString().length() < 40 ? value.toString() : "another value";
    }

    /** That something in it cannot be. */
    public ConsulFailure failure(String why) {
        return new ConsulFailure(400, failure + why);
    }
}
