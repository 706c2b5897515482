package dev.raftkv.consul.compare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.consul.compare.ModelState.Impossible;
import dev.raftkv.consul.compare.ModelState.Row;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One transaction on a model. */
final class ModelTxn {
    private final ModelState state;
    private final long at;
    final List<Object> results = new ArrayList<>();
    final Map<Integer, String> errors = new TreeMap<>();

    ModelTxn(ModelState state) {
        this.state = state;
        this.at = state.next();
    }

    /** @param operations what the members KV are */
    boolean run(List<Map<String, JsonNode>> operations) {
        return state.together(() -> {
            for (int i = 0; i < operations.size(); i++) {
                try {
                    one(new Operation(operations.get(i)));
                } catch (Impossible e) {
                    errors.put(i, e.getMessage());
                }
            }
            return errors.isEmpty();
        });
    }

    /** Whether it would write if all others were done. */
    static boolean mayWrite(Map<String, JsonNode> operation) {
        Operation asked = new Operation(operation);
        String verb = asked.text("verb");
        boolean complete = verb.equals("delete-tree")
                || !asked.key().isEmpty()
                        && (!verb.endsWith("lock") || !asked.text("session").isEmpty());
        return complete
                && List.of("set", "cas", "lock", "unlock", "delete", "delete-cas", "delete-tree")
                        .contains(verb);
    }

    private record Operation(Map<String, JsonNode> members) {
        String text(String name) {
            return members.containsKey(name) ? members.get(name).textValue() : "";
        }

        String key() {
            return text("key");
        }

        BigInteger number(String name) {
            return members.containsKey(name) ? members.get(name).bigIntegerValue() : BigInteger.ZERO;
        }

        byte[] value() {
            return Base64.getDecoder().decode(text("value"));
        }
    }

    private void one(Operation asked) {
        String verb = asked.text("verb");
        if (asked.key().isEmpty() && !verb.equals("delete-tree")) {
            throw new Impossible("Must provide key");
        }
        if (verb.startsWith("get")) {
            get(verb, asked);
        } else if (verb.startsWith("check-")) {
            check(verb, asked);
        } else if (verb.startsWith("delete")) {
            delete(verb, asked);
        } else {
            show(put(verb, asked), false);
        }
    }

    private Row put(String verb, Operation asked) {
        String key = ModelJson.quoted(asked.key());
        BigInteger flags = asked.number("flags");
        String session = asked.text("session");
        return switch (verb) {
            case "set" -> state.put(at, asked.key(), asked.value(), flags);
            case "cas" ->
                state.cas(at, asked.key(), asked.value(), flags, asked.number("index"))
                        .orElseThrow(() -> new Impossible("failed to set key " + key + ", index is stale"));
            case "lock" ->
                state.acquire(at, asked.key(), asked.value(), flags, session)
                        .orElseThrow(() -> new Impossible("failed to lock key " + key
                                + (state.isDelayed(asked.key()) ? " due to lock delay" : ", lock is already held")));
            case "unlock" ->
                state.release(at, asked.key(), asked.value(), flags, session)
                        .orElseThrow(() -> new Impossible(
                                "failed to unlock key " + key + ", lock isn't held, or is held by another session"));
            default -> throw new Impossible("unknown KV verb " + ModelJson.quoted(verb));
        };
    }

    private void get(String verb, Operation asked) {
        Optional<Row> row = state.get(asked.key());
        switch (verb) {
            case "get" ->
                show(
                        row.orElseThrow(
                                () -> new Impossible("key " + ModelJson.quoted(asked.key()) + " doesn't exist")),
                        true);
            case "get-or-empty" ->
                show(row.orElse(new Row(asked.key(), new byte[0], BigInteger.ZERO, "", 0, 0, 0)), true);
            case "get-tree" -> state.list(asked.key()).forEach(each -> show(each, true));
            default -> throw new Impossible("unknown KV verb " + ModelJson.quoted(verb));
        }
    }

    private void check(String verb, Operation asked) {
        Optional<Row> row = state.get(asked.key());
        String key = ModelJson.quoted(asked.key());
        switch (verb) {
            case "check-index" -> checkIndex(row, key, asked.number("index"));
            case "check-session" -> checkSession(row, key, asked.text("session"));
            case "check-not-exists" -> {
                if (row.isPresent()) {
                    throw new Impossible("key " + key + " exists");
                }
            }
            default -> throw new Impossible("unknown KV verb " + ModelJson.quoted(verb));
        }
    }

    private void checkIndex(Optional<Row> row, String key, BigInteger expected) {
        long now = row.orElseThrow(() -> new Impossible("failed to check index, key " + key + " doesn't exist"))
                .changed();
        if (!expected.equals(BigInteger.valueOf(now))) {
            throw new Impossible(
                    "failed index check for key " + key + ", current modify index " + now + " != " + expected);
        }
        show(row.get(), false);
    }

    private void checkSession(Optional<Row> row, String key, String expected) {
        String now = row.orElseThrow(() -> new Impossible("failed to check session, key " + key + " doesn't exist"))
                .session();
        if (!now.equals(expected)) {
            throw new Impossible("failed session check for key " + key + ", current session " + ModelJson.quoted(now)
                    + " != " + ModelJson.quoted(expected));
        }
        show(row.get(), false);
    }

    private void delete(String verb, Operation asked) {
        switch (verb) {
            case "delete" -> state.delete(at, asked.key());
            case "delete-tree" -> state.deleteTree(at, asked.key());
            case "delete-cas" -> {
                if (!state.delete(at, asked.key(), asked.number("index"))) {
                    throw new Impossible("failed to delete key " + ModelJson.quoted(asked.key()) + ", index is stale");
                }
            }
            default -> throw new Impossible("unknown KV verb " + ModelJson.quoted(verb));
        }
    }

    private void show(Row row, boolean value) {
        results.add(Map.of("KV", ModelJson.entry(row, value)));
    }
}
