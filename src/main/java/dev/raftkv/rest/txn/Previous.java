package dev.raftkv.rest.txn;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.json.Json;
import dev.raftkv.kv.KvService;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Compare;
import dev.raftkv.model.Compare.Operator;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Hold;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.Precondition.Match;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.TxnOp.Result;
import dev.raftkv.rest.json.EntryJson;
import dev.raftkv.rest.json.RawJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a key was before a write: the write is a transaction then, which reads the key first. So it needs no word of its own in the
 * log, and all that holds for the values that transactions read holds for it: how many bytes are in memory at once, and that none is
 * remembered for a repetition.
 */
public final class Previous {
    public static final String PARAMETER = "prev";

    private Previous() {}

    /**
     * @param precondition of its key
     * @throws KvException {@link Code#INVALID} if it has a choice of entity tags, for which a transaction has no compare
     */
    public static Command.Txn before(TxnOp.OfKey change, Precondition precondition) {
        TxnOp read = new TxnOp.Get(change.key());
        return new Command.Txn(compares(change.key(), precondition), List.of(read, change), List.of(read));
    }

    private static List<Compare> compares(Key key, Precondition precondition) {
        List<Compare> compares = new ArrayList<>();
        precondition.ifMatch().ifPresent(match -> compares.add(matches(key, match)));
        precondition.ifNoneMatch().ifPresent(match -> {
            if (match.any()) {
                compares.add(new Compare.Existence(key, false));
            }
            match.revisions().forEach(other -> compares.add(new Compare.Revision(key, Operator.NOT_EQUAL, other)));
        });
        return compares;
    }

    private static Compare matches(Key key, Match match) {
        if (match.any()) {
            return new Compare.Existence(key, true);
        }
        if (match.revisions().size() > 1) {
            throw new KvException(
                    Code.INVALID,
                    "If-Match has several entity tags, of which prev takes one: give the one that you have read");
        }
        return match.revisions().isEmpty()
                // None of the tags was ever ours.
                ? new Compare.Revision(key, Operator.LESS, 0)
                : new Compare.Revision(key, Operator.EQUAL, match.revisions().get(0));
    }

    /** What there was. */
    public static Result.OfOne read(Outcome.TxnDone done) {
        return (Result.OfOne) done.results().get(0);
    }

    /** What it changed the key to. */
    public static Result.OfOne change(Outcome.TxnDone done) {
        if (!done.succeeded()) {
            throw KvException.preconditionFailed(revisionOf(done.results().get(0)))
                    .at(done.revision());
        }
        return (Result.OfOne) done.results().get(1);
    }

    private static long revisionOf(Result read) {
        if (read instanceof Result.Seen seen) {
            return seen.changeRevision();
        }
        return read instanceof Result.Fetched fetched
                ? fetched.entry().map(Entry::changeRevision).orElse(0L)
                : 0;
    }

    /** The answer of a write of one key, which a session may have then. */
    public static byte[] body(String message, JsonText value, Optional<Hold> hold, Result.OfOne read, KvService kv) {
        return Json.line(value.length() + sizeOf(read), json -> {
            json.writeStringField("message", message);
            json.writeObjectFieldStart("data");
            json.writeStringField("key", read.key().text());
            json.writeFieldName("value");
            json.writeRawValue(new RawJson(value));
            if (hold.isPresent()) {
                EntryJson.hold(json, hold.get());
            }
            write(json, read, kv);
            json.writeEndObject();
        });
    }

    /** About the length of a result. */
    static int sizeOf(Result result) {
        int size = 256 + (result instanceof Result.OfOne one ? one.key().utf8().length : 0);
        return result instanceof Result.Fetched fetched
                ? size + fetched.entry().map(entry -> entry.value().length()).orElse(0)
                : size;
    }

    /** As a member of an object. */
    static void write(JsonGenerator json, Result read, KvService kv) throws IOException {
        json.writeObjectFieldStart(PARAMETER);
        members(json, read, kv);
        json.writeEndObject();
    }

    /** What was read of a key. */
    static void members(JsonGenerator json, Result read, KvService kv) throws IOException {
        if (read instanceof Result.Fetched fetched) {
            json.writeBooleanField("exists", fetched.entry().isPresent());
        } else if (read instanceof Result.Seen) {
            json.writeBooleanField("exists", true);
        }
        found(json, read, kv);
    }

    /** What was read of a key, if it was there. */
    static void found(JsonGenerator json, Result read, KvService kv) throws IOException {
        if (read instanceof Result.Fetched fetched && fetched.entry().isPresent()) {
            Entry entry = fetched.entry().get();
            EntryJson.members(json, entry, kv.remainingMillis(entry));
        } else if (read instanceof Result.Seen seen) {
            json.writeBooleanField("value_forgotten", true);
            EntryJson.history(json, seen.createRevision(), seen.changeRevision(), seen.version());
        }
    }
}
