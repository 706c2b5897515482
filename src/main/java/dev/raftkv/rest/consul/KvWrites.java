package dev.raftkv.rest.consul;

import dev.raftkv.kv.KvService;
import dev.raftkv.model.Command;
import dev.raftkv.model.Command.OfConsul;
import dev.raftkv.model.Command.OfConsul.Mode;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.model.Value;
import dev.raftkv.model.Write;
import dev.raftkv.rest.consul.text.ConsulFailure;
import dev.raftkv.rest.consul.text.ConsulIndex;
import dev.raftkv.rest.consul.text.ConsulQuery;
import dev.raftkv.rest.consul.text.EntryText;
import dev.raftkv.rest.consul.text.GoText;
import dev.raftkv.rest.consul.text.ValueBytes;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.request.Request;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** {@code PUT} and {@code DELETE} of {@code /v1/kv}. */
final class KvWrites {
    private static final String CAS = "cas";
    private static final String ACQUIRE = "acquire";
    private static final String RELEASE = "release";
    private static final String RECURSE = "recurse";

    private final KvService kv;
    private final ConsulRouting routing;

    KvWrites(KvService kv, ConsulRouting routing) {
        this.kv = kv;
        this.routing = routing;
    }

    CompletionStage<Answer> put(Request request, String name) {
        ConsulQuery query = ConsulQuery.of(request.rawQuery());
        Key key = ConsulKeys.key(name);
        if (Stream.of(ACQUIRE, CAS, RELEASE).filter(query::flag).count() > 1) {
            throw conflict(query);
        }
        long flags = query.value("flags").map(KvWrites::number).orElse(0L);
        Value value = ValueBytes.of(request.body());
        String session = query.value(ACQUIRE).orElse("");
        Mode mode = mode(query);
        return done(request, () -> Write.of(new OfConsul.Put(key, value, flags, mode)), session);
    }

    private static Mode mode(ConsulQuery query) {
        if (query.flag(CAS)) {
            return new Mode.Cas(ConsulIndex.expected(number(query.value(CAS).get())));
        }
        if (query.flag(RELEASE)) {
            return new Mode.Release(session(query.value(RELEASE).get()));
        }
        if (query.flag(ACQUIRE)) {
            return new Mode.Acquire(session(query.value(ACQUIRE).get()));
        }
        return new Mode.Plain();
    }

    private static UUID session(String id) {
        if (id.isEmpty()) {
            throw new ConsulFailure(500, "missing session");
        }
        return GoText.session(id);
    }

    CompletionStage<Answer> delete(Request request, String name) {
        ConsulQuery query = ConsulQuery.of(request.rawQuery());
        if (query.flag(RECURSE)) {
            if (query.flag(CAS)) {
                throw conflict(query);
            }
            Command range = new Command.DeleteRange(ConsulKeys.prefix(name));
            return done(request, () -> Write.of(range), "");
        }
        Key key = ConsulKeys.key(name);
        OptionalLong revision = query.flag(CAS)
                ? OptionalLong.of(ConsulIndex.revision(number(query.value(CAS).get())))
                : OptionalLong.empty();
        return done(request, () -> Write.of(new OfConsul.Delete(key, revision)), "");
    }

    private CompletionStage<Answer> done(Request request, Supplier<Write> write, String session) {
        return routing.route(
                request,
                () -> kv.write(write.get()).thenApply(outcome -> {
                    if (outcome instanceof Outcome.Rejected rejected) {
                        throw failure(rejected, session);
                    }
                    return answer(!(outcome instanceof Outcome.Done told) || told.done());
                }));
    }

    private static RuntimeException failure(Outcome.Rejected rejected, String session) {
        return rejected.reason() == Reason.NO_SUCH_SESSION
                ? invalidSession(session)
                : new ConsulFailure(500, KvService.failure(rejected).getMessage());
    }

    private static ConsulFailure invalidSession(String id) {
        return new ConsulFailure(500, "invalid session " + GoText.quote(id));
    }

    static Answer answer(boolean done) {
        return Answer.of(200, EntryText.JSON, Boolean.toString(done).getBytes(StandardCharsets.US_ASCII));
    }

    /** An unsigned number of 64 bits. */
    static long number(String text) {
        try {
            return Long.parseUnsignedLong(text.startsWith("+") ? "" : text);
        } catch (NumberFormatException e) {
            throw new ConsulFailure(500, "strconv.ParseUint: parsing " + GoText.quote(text) + ": invalid syntax");
        }
    }

    private static ConsulFailure conflict(ConsulQuery query) {
        return new ConsulFailure(400, "Conflicting flags: " + query.sorted() + "\n");
    }
}
