package dev.raftkv.rest.store;

import dev.raftkv.json.JsonObject;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Compare;
import dev.raftkv.model.Compare.Operator;
import dev.raftkv.model.Counter;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.TxnOp;
import dev.raftkv.rest.json.Ttl;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The body of {@code POST /txn}.
 *
 * @param thenPrevious the places of the reads that were put before an operation which is to tell what was there before
 * @param elsePrevious the same of the other list
 */
record TxnRequest(Command.Txn txn, Set<Integer> thenPrevious, Set<Integer> elsePrevious) {
    /** The most elements that each of the three lists may have. */
    static final int MAX_ELEMENTS = 128;

    /** @throws KvException if the body is no transaction */
    static TxnRequest parse(byte[] body) {
        List<Compare> compares = List.of();
        List<TxnOp> then = new ArrayList<>();
        List<TxnOp> otherwise = new ArrayList<>();
        Set<Integer> thenPrevious = new HashSet<>();
        Set<Integer> elsePrevious = new HashSet<>();
        try (JsonObject object = JsonObject.read(body, "if", "then", "else")) {
            while (object.next()) {
                List<JsonText> elements = object.elements(MAX_ELEMENTS);
                switch (object.name()) {
                    case "if" ->
                        compares = elements.stream().map(TxnRequest::compare).toList();
                    case "then" -> elements.forEach(element -> add(element, then, thenPrevious));
                    default -> elements.forEach(element -> add(element, otherwise, elsePrevious));
                }
            }
        }
        if (then.isEmpty() && otherwise.isEmpty()) {
            throw new KvException(
                    Code.INVALID, "the transaction has no operation: give \"then\", \"else\" or both as lists");
        }
        requireEachKeyWrittenOnce(then);
        requireEachKeyWrittenOnce(otherwise);
        return new TxnRequest(
                new Command.Txn(compares, List.copyOf(then), List.copyOf(otherwise)), thenPrevious, elsePrevious);
    }

    /** All changes of a transaction have one revision, so a key changes once. */
    private static void requireEachKeyWrittenOnce(List<TxnOp> operations) {
        Set<Key> written = new HashSet<>();
        for (TxnOp operation : operations) {
            if (!(operation instanceof TxnOp.Get) && !written.add(operation.key())) {
                throw new KvException(
                        Code.INVALID,
                        "the transaction changes the key " + operation.key() + " twice in one list: change it once");
            }
        }
    }

    private static Compare compare(JsonText element) {
        String key = null;
        String target = null;
        Operator operator = Operator.EQUAL;
        JsonText value = null;
        long number = 0;
        boolean exists = false;
        try (JsonObject object =
                JsonObject.read(object(element, "if"), "key", "value", "exists", "revision", "version", "op")) {
            while (object.next()) {
                switch (object.name()) {
                    case "key" -> key = object.string();
                    case "op" -> operator = operator(object.string());
                    default -> {
                        requireNone(target, object.name());
                        target = object.name();
                        switch (target) {
                            case "value" -> value = object.verbatim();
                            case "exists" -> exists = object.flag();
                            default -> number = object.number(0, Long.MAX_VALUE);
                        }
                    }
                }
            }
        }
        Key checked = Key.of(key);
        boolean ordered = operator == Operator.LESS || operator == Operator.GREATER;
        return switch (target == null ? "" : target) {
            case "value" -> {
                requireUnordered(ordered, target);
                yield new Compare.Value(checked, value, operator == Operator.EQUAL);
            }
            case "exists" -> {
                requireUnordered(ordered, target);
                yield new Compare.Existence(checked, exists == (operator == Operator.EQUAL));
            }
            case "revision" -> new Compare.Revision(checked, operator, number);
            case "version" -> new Compare.Version(checked, operator, number);
            default ->
                throw new KvException(
                        Code.INVALID,
                        "the compare of key " + checked
                                + " compares nothing: give one of value, exists, revision and version");
        };
    }

    private static void requireNone(String before, String name) {
        if (before != null) {
            throw new KvException(
                    Code.INVALID, "a compare has " + before + " and " + name + ": give each a compare of its own");
        }
    }

    private static void requireUnordered(boolean ordered, String target) {
        if (ordered) {
            throw new KvException(Code.INVALID, "op for " + target + " is = or !=");
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

    private static void add(JsonText element, List<TxnOp> operations, Set<Integer> previous) {
        boolean[] tells = {false};
        TxnOp operation = operation(element, tells);
        if (tells[0]) {
            previous.add(operations.size());
            operations.add(new TxnOp.Get(operation.key()));
        }
        operations.add(operation);
    }

    /** @param tells set if it is to tell what was there before */
    private static TxnOp operation(JsonText element, boolean[] tells) {
        String kind = null;
        String key = null;
        JsonText value = null;
        JsonText by = null;
        OptionalLong ttl = OptionalLong.empty();
        try (JsonObject object = JsonObject.read(
                object(element, "an operation"),
                "put",
                "get",
                "delete",
                "add",
                "value",
                Ttl.NAME,
                "by",
                Previous.PARAMETER)) {
            while (object.next()) {
                switch (object.name()) {
                    case "value" -> value = object.verbatim();
                    case "by" -> by = object.verbatim();
                    case Previous.PARAMETER -> tells[0] = object.flag();
                    case Ttl.NAME -> ttl = OptionalLong.of(object.number(1, Ttl.MAX_SECONDS));
                    default -> {
                        if (kind != null) {
                            throw new KvException(
                                    Code.INVALID,
                                    "an operation is " + kind + " and " + object.name() + ": write two operations");
                        }
                        kind = object.name();
                        key = object.string();
                    }
                }
            }
        }
        if (kind == null) {
            throw new KvException(
                    Code.INVALID, "an operation does nothing: give one of put, get, delete and add with a key");
        }
        Key checked = Key.of(key);
        if (kind.equals("add") != (by != null)) {
            throw new KvException(
                    Code.INVALID,
                    by == null
                            ? "by is missing: the add to key " + checked + " needs one"
                            : named(kind) + " has no by: remove it, or write an add");
        }
        if (kind.equals("get") && tells[0]) {
            throw new KvException(Code.INVALID, "a get has no prev: it changes nothing");
        }
        boolean put = kind.equals("put");
        if (put != (value != null) || !put && ttl.isPresent()) {
            throw new KvException(
                    Code.INVALID,
                    put
                            ? "value is missing: the put of key " + checked + " needs one"
                            : named(kind) + " has neither value nor ttl: remove them, or write a put");
        }
        return switch (kind) {
            case "put" -> new TxnOp.Put(checked, value, Ttl.millisOf(ttl));
            case "get" -> new TxnOp.Get(checked);
            case "add" -> new TxnOp.Add(checked, counter(by));
            default -> new TxnOp.Delete(checked);
        };
    }

    private static String named(String kind) {
        return (kind.equals("add") ? "an " : "a ") + kind;
    }

    private static Counter counter(JsonText by) {
        return Counter.of(by)
                .orElseThrow(() -> new KvException(
                        Code.INVALID,
                        "by is no integer of at most " + Counter.MAX_DIGITS + " digits: give one, as 5 or -5"));
    }

    private static byte[] object(JsonText element, String what) {
        if (element.utf8()[0] != '{') {
            throw new KvException(
                    Code.INVALID, what + " has an element that is no object: write each one in curly brackets");
        }
        return element.utf8();
    }
}
