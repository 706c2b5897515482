package dev.raftkv.rest.consul.txn;

import dev.raftkv.model.Command.OfConsul.Mode;
import dev.raftkv.model.Command.OfConsul.Txn;
import dev.raftkv.model.ConsulOp;
import dev.raftkv.model.Key;
import dev.raftkv.model.Value;
import dev.raftkv.rest.consul.ConsulKeys;
import dev.raftkv.rest.consul.text.ConsulBody;
import dev.raftkv.rest.consul.text.ConsulFailure;
import dev.raftkv.rest.consul.text.ConsulIndex;
import dev.raftkv.rest.consul.text.GoText;
import dev.raftkv.rest.consul.text.ValueBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/** What {@code PUT /v1/txn} asks for. */
final class TxnBody {
    private static final int BASE64_UNIT = 4;
    private static final String FAILURE = "Failed to parse body: ";

    private final int mostBytes;
    private final String unsupported;

    /**
     * @param mostBytes of a value
     * @param unsupported what is said of operations on what is no key
     */
    TxnBody(int mostBytes, String unsupported) {
        this.mostBytes = mostBytes;
        this.unsupported = unsupported;
    }

    /** @throws ConsulFailure if it is no transaction, or too large a one */
    List<TxnStep> parse(byte[] utf8) {
        List<ConsulBody> elements = ConsulBody.parse(utf8, FAILURE).elements();
        if (elements.size() > Txn.MOST) {
            throw new ConsulFailure(
                    413, "Transaction contains too many operations (" + elements.size() + " > " + Txn.MOST + ")");
        }
        List<TxnStep> steps = new ArrayList<>();
        for (ConsulBody element : elements) {
            for (String other : List.of("Node", "Service", "Check", "Intention")) {
                if (element.member(other).isPresent()) {
                    throw new ConsulFailure(501, unsupported);
                }
            }
            steps.add(step(element.member("KV").orElseThrow(() -> element.failure("an operation has no member KV"))));
        }
        return steps;
    }

    private TxnStep step(ConsulBody kv) {
        String verb = kv.text("Verb", "");
        String key = kv.text("Key", "");
        String session = kv.text("Session", "");
        long index = kv.unsigned("Index");
        long flags = kv.unsigned("Flags");
        Value value = value(kv, key);
        Optional<ConsulOp> operation = Optional.empty();
        String refusal = "";
        if (key.isEmpty() && !verb.equals("delete-tree")) {
            refusal = "Must provide key";
        } else if (session.isEmpty() && (verb.equals("lock") || verb.equals("unlock"))) {
            refusal = "missing session";
        } else {
            operation = operation(verb, key, value, flags, index, session);
            refusal = operation.isPresent() ? "" : "unknown KV verb " + GoText.quote(verb);
        }
        return new TxnStep(operation, refusal, verb, key, session, index);
    }

    private Value value(ConsulBody kv, String key) {
        byte[] bytes;
        String text = kv.text("Value", "");
        if (text.length() % BASE64_UNIT != 0) {
            // As Go has it: Java would take what was cut off.
            throw kv.failure("illegal base64 data");
        }
        try {
            bytes = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw kv.failure("illegal base64 data");
        }
        if (bytes.length > mostBytes) {
            throw new ConsulFailure(
                    413,
                    "Value for key " + GoText.quote(key) + " is too large (" + bytes.length + " > " + mostBytes
                            + " bytes)");
        }
        return ValueBytes.of(bytes);
    }

    private static Optional<ConsulOp> operation(
            String verb, String name, Value value, long flags, long index, String session) {
        UUID id = GoText.session(session);
        ConsulOp operation = switch (verb) {
            case "set" -> new ConsulOp.Put(key(name), value, flags, new Mode.Plain());
            case "cas" -> new ConsulOp.Put(key(name), value, flags, new Mode.Cas(ConsulIndex.expected(index)));
            case "lock" -> new ConsulOp.Put(key(name), value, flags, new Mode.Acquire(id));
            case "unlock" -> new ConsulOp.Put(key(name), value, flags, new Mode.Release(id));
            case "get" -> new ConsulOp.Get(key(name), false);
            case "get-or-empty" -> new ConsulOp.Get(key(name), true);
            case "get-tree" -> new ConsulOp.GetTree(ConsulKeys.prefix(name));
            case "check-index" -> new ConsulOp.CheckIndex(key(name), ConsulIndex.revision(index));
            case "check-session" ->
                new ConsulOp.CheckSession(key(name), session.isEmpty() ? Optional.empty() : Optional.of(id));
            case "check-not-exists" -> new ConsulOp.CheckNotExists(key(name));
            case "delete" -> new ConsulOp.Delete(key(name), OptionalLong.empty());
            case "delete-cas" -> new ConsulOp.Delete(key(name), OptionalLong.of(ConsulIndex.revision(index)));
            case "delete-tree" -> new ConsulOp.DeleteTree(ConsulKeys.prefix(name));
            default -> null;
        };
        return Optional.ofNullable(operation);
    }

    private static Key key(String name) {
        // As in a path: what is stored in this way can be found in that.
        if (Arrays.stream(name.split("/", -1)).anyMatch(segment -> segment.equals(".") || segment.equals(".."))) {
            throw new ConsulFailure(400, "key contains a . or .. segment");
        }
        return ConsulKeys.key(name);
    }
}
