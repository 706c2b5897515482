package dev.raftkv.rest.txn;

import dev.raftkv.json.JsonObject;
import dev.raftkv.model.Code;
import dev.raftkv.model.Compare;
import dev.raftkv.model.Compare.Operator;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Prefix;
import dev.raftkv.rest.json.SessionId;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/** An element of the list {@code if} of {@code POST /txn}, in the making. */
final class CompareRequest {
    static final String PREFIX = "prefix";

    private static final String VALUE = "value";
    private static final String EXISTS = "exists";
    private static final String COUNT = "count";
    private static final String REVISION = "revision";
    private static final String VERSION = "version";
    private static final String SESSION = "session";
    private static final String TOKEN = "token";

    private String key;
    private String prefix;
    private String target = "";
    private Operator operator = Operator.EQUAL;
    private JsonText value;
    private long number;
    private boolean exists;
    private Optional<UUID> session = Optional.empty();

    private CompareRequest() {}

    static Compare parse(byte[] element) {
        CompareRequest request = new CompareRequest();
        try (JsonObject object = JsonObject.read(
                element, "key", PREFIX, VALUE, EXISTS, COUNT, REVISION, VERSION, SESSION, TOKEN, "op")) {
            while (object.next()) {
                request.take(object);
            }
        }
        return request.compare();
    }

    private void take(JsonObject object) {
        switch (object.name()) {
            case "key" -> key = object.string();
            case PREFIX -> prefix = object.string();
            case "op" -> operator = operator(object.string());
            default -> {
                if (!target.isEmpty()) {
                    throw new KvException(
                            Code.INVALID,
                            "a compare has " + target + " and " + object.name() + ": give each a compare of its own");
                }
                target = object.name();
                switch (target) {
                    case VALUE -> value = object.verbatim();
                    case EXISTS -> exists = object.flag();
                    case SESSION ->
                        session = Optional.ofNullable(object.string()).map(SessionId::of);
                    case COUNT -> number = object.number(0, Compare.OfRange.MOST_KEYS);
                    default -> number = object.number(0, Long.MAX_VALUE);
                }
            }
        }
    }

    private static Operator operator(String sign) {
        return Arrays.stream(Operator.values())
                .filter(operator -> operator.sign().equals(sign))
                .findFirst()
                .orElseThrow(() -> new KvException(
                        Code.INVALID,
                        "op is " + sign + ": give one of "
                                + Arrays.stream(Operator.values())
                                        .map(Operator::sign)
                                        .collect(Collectors.joining(", "))));
    }

    private Compare compare() {
        if (prefix == null) {
            return ofKey(Key.of(key));
        }
        if (key != null) {
            throw new KvException(
                    Code.INVALID, "a compare has key and prefix: compare one key, or all that start with the prefix");
        }
        return ofRange(Prefix.of(prefix));
    }

    private Compare ofKey(Key checked) {
        return switch (target) {
            case VALUE -> new Compare.Value(checked, value, isEqual());
            case EXISTS -> new Compare.Existence(checked, exists == isEqual());
            case REVISION -> new Compare.Revision(checked, operator, number);
            case VERSION -> new Compare.Version(checked, operator, number);
            case SESSION -> new Compare.Holder(checked, session, isEqual());
            case TOKEN -> new Compare.Token(checked, operator, number);
            case COUNT ->
                throw new KvException(
                        Code.INVALID, "the compare of key " + checked + " has a count: give it a prefix, or exists");
            default ->
                throw new KvException(
                        Code.INVALID,
                        "the compare of key " + checked
                                + " compares nothing: give one of value, exists, revision, version, session and token");
        };
    }

    private Compare ofRange(Prefix checked) {
        return switch (target) {
            case EXISTS -> new Compare.Count(checked, exists == isEqual() ? Operator.GREATER : Operator.EQUAL, 0);
            case COUNT -> new Compare.Count(checked, operator, number);
            case REVISION -> new Compare.Revisions(checked, operator, number);
            case VALUE, VERSION, SESSION, TOKEN ->
                throw new KvException(
                        Code.INVALID,
                        "the compare of prefix " + checked + " has a " + target
                                + ": give one of exists, count and revision");
            default ->
                throw new KvException(
                        Code.INVALID,
                        "the compare of prefix " + checked
                                + " compares nothing: give one of exists, count and revision");
        };
    }

    private boolean isEqual() {
        if (operator != Operator.EQUAL && operator != Operator.NOT_EQUAL) {
            throw new KvException(Code.INVALID, "op for " + target + " is = or !=");
        }
        return operator == Operator.EQUAL;
    }
}
