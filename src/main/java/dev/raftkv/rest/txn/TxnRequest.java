package dev.raftkv.rest.txn;

import dev.raftkv.json.JsonObject;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Compare;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.TxnOp;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The body of {@code POST /txn}.
 *
 * @param thenPrevious the places of the reads that were put before an operation which is to tell what was there before
 * @param elsePrevious the same of the other list
 */
public record TxnRequest(Command.Txn txn, Set<Integer> thenPrevious, Set<Integer> elsePrevious) {
    /** The most elements that each of the three lists may have. */
    static final int MAX_ELEMENTS = 128;

    /** @throws KvException if the body is no transaction */
    public static TxnRequest parse(byte[] body) {
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
                        compares = elements.stream()
                                .map(element -> CompareRequest.parse(object(element, "if")))
                                .toList();
                    case "then" -> elements.forEach(element -> add(element, then, thenPrevious));
                    default -> elements.forEach(element -> add(element, otherwise, elsePrevious));
                }
            }
        }
        if (then.isEmpty() && otherwise.isEmpty()) {
            throw new KvException(
                    Code.INVALID, "the transaction has no operation: give \"then\", \"else\" or both as lists");
        }
        requireEachKeyChangedOnce(then);
        requireEachKeyChangedOnce(otherwise);
        return new TxnRequest(
                new Command.Txn(compares, List.copyOf(then), List.copyOf(otherwise)), thenPrevious, elsePrevious);
    }

    /** All changes of a transaction have one revision, so a key changes once. */
    private static void requireEachKeyChangedOnce(List<TxnOp> operations) {
        Set<Key> written = new HashSet<>();
        List<Prefix> removed = new ArrayList<>();
        for (TxnOp operation : operations) {
            if (operation instanceof TxnOp.OfKey one && !(one instanceof TxnOp.Get) && !written.add(one.key())) {
                throw new KvException(
                        Code.INVALID,
                        "the transaction changes the key " + one.key() + " twice in one list: change it once");
            } else if (operation instanceof TxnOp.DeleteRange range) {
                removed.stream()
                        .filter(other -> other.covers(range.prefix().utf8())
                                || range.prefix().covers(other.utf8()))
                        .findFirst()
                        .ifPresent(other -> {
                            throw new KvException(
                                    Code.INVALID,
                                    "the transaction removes the prefixes " + other + " and " + range.prefix()
                                            + " in one list, and one of them starts with the other: remove the shorter"
                                            + " one");
                        });
                removed.add(range.prefix());
            }
        }
        for (Prefix prefix : removed) {
            written.stream().filter(prefix::covers).findFirst().ifPresent(key -> {
                throw new KvException(
                        Code.INVALID,
                        "the transaction removes the prefix " + prefix + " and changes the key " + key
                                + ", which starts with it, in one list: a key changes once");
            });
        }
    }

    private static void add(JsonText element, List<TxnOp> operations, Set<Integer> previous) {
        OperationRequest request = OperationRequest.parse(object(element, "an operation"));
        TxnOp operation = request.operation();
        if (request.tellsPrevious() && operation instanceof TxnOp.OfKey one) {
            previous.add(operations.size());
            operations.add(new TxnOp.Get(one.key()));
        }
        operations.add(operation);
    }

    private static byte[] object(JsonText element, String what) {
        if (element.utf8()[0] != '{') {
            throw new KvException(
                    Code.INVALID, what + " has an element that is no object: write each one in curly brackets");
        }
        return element.utf8();
    }
}
