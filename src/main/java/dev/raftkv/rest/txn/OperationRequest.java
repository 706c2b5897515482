package dev.raftkv.rest.txn;

import dev.raftkv.json.JsonObject;
import dev.raftkv.model.Code;
import dev.raftkv.model.Counter;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.TxnOp;
import dev.raftkv.rest.json.SessionId;
import dev.raftkv.rest.json.Ttl;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/** An element of the lists {@code then} and {@code else} of {@code POST /txn}, in the making. */
final class OperationRequest {
    static final String GET_PREFIX = "get_prefix";
    static final String DELETE_PREFIX = "delete_prefix";

    private static final String PUT = "put";
    private static final String GET = "get";
    private static final String DELETE = "delete";
    private static final String ADD = "add";
    private static final String LIMIT = "limit";
    private static final String SESSION = "session";
    private static final String RELEASE = "release";

    private String kind;
    private String on;
    private JsonText value;
    private JsonText by;
    private OptionalLong ttl = OptionalLong.empty();
    private int limit = TxnOp.GetRange.ALL;
    private Optional<UUID> session = Optional.empty();
    private Optional<UUID> release = Optional.empty();
    private boolean tellsPrevious;

    private OperationRequest() {}

    static OperationRequest parse(byte[] element) {
        OperationRequest request = new OperationRequest();
        try (JsonObject object = JsonObject.read(
                element,
                PUT,
                GET,
                DELETE,
                ADD,
                GET_PREFIX,
                DELETE_PREFIX,
                "value",
                Ttl.NAME,
                "by",
                LIMIT,
                SESSION,
                RELEASE,
                Previous.PARAMETER)) {
            while (object.next()) {
                request.take(object);
            }
        }
        return request;
    }

    private void take(JsonObject object) {
        switch (object.name()) {
            case "value" -> value = object.verbatim();
            case "by" -> by = object.verbatim();
            case LIMIT -> limit = (int) object.number(1, TxnOp.GetRange.MOST_KEYS);
            case SESSION -> session = Optional.of(SessionId.of(text(object)));
            case RELEASE -> release = Optional.of(SessionId.of(text(object)));
            case Previous.PARAMETER -> tellsPrevious = object.flag();
            case Ttl.NAME -> ttl = OptionalLong.of(object.number(1, Ttl.MAX_SECONDS));
            default -> {
                if (kind != null) {
                    throw new KvException(
                            Code.INVALID,
                            "an operation is " + kind + " and " + object.name() + ": write two operations");
                }
                kind = object.name();
                on = object.string();
            }
        }
    }

    /** Whoever says null means something else than whoever says nothing. */
    private static String text(JsonObject object) {
        return Optional.ofNullable(object.string()).orElse("null");
    }

    /** Whether it is to tell what was there before. */
    boolean tellsPrevious() {
        return tellsPrevious;
    }

    TxnOp operation() {
        if (kind == null) {
            throw new KvException(
                    Code.INVALID,
                    "an operation does nothing: give one of put, get, delete and add with a key, or get_prefix or"
                            + " delete_prefix");
        }
        boolean isOfRange = kind.equals(GET_PREFIX) || kind.equals(DELETE_PREFIX);
        String of = isOfRange ? "prefix " + prefix() : "key " + Key.of(on);
        requireOnly(ADD, by != null, "by", of);
        if (tellsPrevious && (isOfRange || kind.equals(GET))) {
            throw new KvException(
                    Code.INVALID,
                    named()
                            + (kind.equals(DELETE_PREFIX)
                                    ? " has no prev: write a get_prefix before it"
                                    : " has no prev: it changes nothing"));
        }
        requireOnly(PUT, value != null, "value", of);
        if (ttl.isPresent() && !kind.equals(PUT)) {
            throw neitherValueNorTtl();
        }
        if (limit != TxnOp.GetRange.ALL && !kind.equals(GET_PREFIX)) {
            throw new KvException(Code.INVALID, named() + " has no limit: remove it, or write a get_prefix");
        }
        requireThatSessionsFit();
        return isOfRange ? ofRange(prefix()) : ofKey(Key.of(on));
    }

    /** Of a member that one kind has to have, and no other. */
    private void requireOnly(String whose, boolean isThere, String member, String of) {
        if (kind.equals(whose) == isThere) {
            return;
        }
        if (!isThere) {
            throw new KvException(
                    Code.INVALID,
                    member + " is missing: the " + kind + " " + (kind.equals(ADD) ? "to " : "of ") + of + " needs one");
        }
        throw whose.equals(PUT)
                ? neitherValueNorTtl()
                : new KvException(Code.INVALID, named() + " has no " + member + ": remove it, or write an " + whose);
    }

    private void requireThatSessionsFit() {
        if (session.isPresent() && !kind.equals(PUT) && !kind.equals(DELETE)) {
            throw new KvException(Code.INVALID, named() + " has no session: remove it, or write a put or a delete");
        }
        if (release.isPresent() && !kind.equals(PUT)) {
            throw new KvException(Code.INVALID, named() + " has no release: remove it, or write a put");
        }
        if (session.isPresent() && release.isPresent()) {
            throw new KvException(
                    Code.INVALID, "a put has session and release: give the key to the session, or let it go");
        }
        if (ttl.isPresent() && (session.isPresent() || release.isPresent())) {
            throw new KvException(
                    Code.INVALID,
                    "a put has " + (session.isPresent() ? SESSION : RELEASE)
                            + " and ttl: remove ttl, the key lives as long as its session");
        }
    }

    private KvException neitherValueNorTtl() {
        return new KvException(Code.INVALID, named() + " has neither value nor ttl: remove them, or write a put");
    }

    private String named() {
        return (kind.equals(ADD) ? "an " : "a ") + kind;
    }

    private Prefix prefix() {
        if (on == null) {
            throw new KvException(Code.INVALID, kind + " is null: give what the keys start with");
        }
        return Prefix.of(on);
    }

    private TxnOp ofKey(Key key) {
        return switch (kind) {
            case PUT -> put(key);
            case GET -> new TxnOp.Get(key);
            case ADD -> new TxnOp.Add(key, counter());
            default -> session.<TxnOp>map(id -> new TxnOp.DeleteHeld(key, id)).orElseGet(() -> new TxnOp.Delete(key));
        };
    }

    private TxnOp put(Key key) {
        if (session.isPresent()) {
            return new TxnOp.Take(key, value, session.get());
        }
        return release.isPresent()
                ? new TxnOp.Release(key, value, release.get())
                : new TxnOp.Put(key, value, Ttl.millisOf(ttl));
    }

    private TxnOp ofRange(Prefix prefix) {
        if (kind.equals(GET_PREFIX)) {
            return new TxnOp.GetRange(prefix, limit);
        }
        if (prefix.equals(Prefix.ALL)) {
            throw new KvException(
                    Code.INVALID, "delete_prefix is empty, which would remove every key: name the range that is to go");
        }
        return new TxnOp.DeleteRange(prefix);
    }

    private Counter counter() {
        return Counter.of(by)
                .orElseThrow(() -> new KvException(
                        Code.INVALID,
                        "by is no integer of at most " + Counter.MAX_DIGITS + " digits: give one, as 5 or -5"));
    }
}
