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
import dev.raftkv.rest.consul.text.ConsulQuery;
import dev.raftkv.rest.consul.text.ValueBytes;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.request.Request;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** {@code PUT} and {@code DELETE} of {@code /v1/kv}. */
final class KvWrites {
    private static final String CAS = "cas";
    private static final String ACQUIRE = "acquire";
    private static final String RELEASE = "release";
    private static final String RECURSE = "recurse";
    private static final String JSON = "application/json";

    /** That of no change. */
    private static final long NEVER = Long.MAX_VALUE;

    private final KvService kv;
    private final ConsulRouting routing;

    KvWrites(KvService kv, ConsulRouting routing) {
        this.kv = kv;
        this.routing = routing;
    }

    /** The revision that an index of Consul stands for: 0 for a key that must not be there. */
    static long revision(long index) {
        return index == 0 ? 0 : index < 0 || index == 1 ? NEVER : index - 1;
    }

    CompletionStage<Answer> put(Request request, String name) {
        ConsulQuery query = ConsulQuery.of(request.rawQuery());
        Key key = ConsulKeys.key(name);
        List<String> modes =
                List.of(ACQUIRE, CAS, RELEASE).stream().filter(query::flag).toList();
        if (modes.size() > 1) {
            throw conflict(query, modes);
        }
        long flags = query.value("flags")
                .filter(text -> !text.isEmpty())
                .map(KvWrites::number)
                .orElse(0L);
        Value value = ValueBytes.of(request.body());
        Optional<String> release = query.value(RELEASE);
        if (release.isPresent() && session(release.get()).isEmpty()) {
            return CompletableFuture.completedFuture(answer(false));
        }
        String session = query.value(ACQUIRE).orElse("");
        Mode mode = mode(query);
        return done(request, () -> Write.of(new OfConsul.Put(key, value, flags, mode)), session);
    }

    private static Mode mode(ConsulQuery query) {
        if (query.flag(CAS)) {
            return new Mode.Cas(revision(number(query.value(CAS).get())));
        }
        if (query.flag(RELEASE)) {
            return new Mode.Release(session(query.value(RELEASE).get()).orElseThrow());
        }
        if (query.flag(ACQUIRE)) {
            String id = query.value(ACQUIRE).get();
            if (id.isEmpty()) {
                throw new ConsulFailure(500, "missing session");
            }
            return new Mode.Acquire(session(id).orElseThrow(() -> invalidSession(id)));
        }
        return new Mode.Plain();
    }

    CompletionStage<Answer> delete(Request request, String name) {
        ConsulQuery query = ConsulQuery.of(request.rawQuery());
        if (query.flag(RECURSE)) {
            if (query.flag(CAS)) {
                throw conflict(query, List.of(CAS, RECURSE));
            }
            Command range = new Command.DeleteRange(ConsulKeys.prefix(name));
            return done(request, () -> Write.of(range), "");
        }
        Key key = ConsulKeys.key(name);
        OptionalLong revision = query.flag(CAS)
                ? OptionalLong.of(revision(number(query.value(CAS).get())))
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
        return new ConsulFailure(500, "invalid session \"" + id + "\"");
    }

    private static Optional<UUID> session(String id) {
        try {
            return id.length() == 36 ? Optional.of(UUID.fromString(id)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static Answer answer(boolean done) {
        return Answer.of(200, JSON, Boolean.toString(done).getBytes(StandardCharsets.US_ASCII));
    }

    /** An unsigned number of 64 bits. */
    static long number(String text) {
        try {
            return Long.parseUnsignedLong(text.startsWith("+") ? "" : text);
        } catch (NumberFormatException e) {
            throw new ConsulFailure(500, "strconv.ParseUint: parsing \"" + text + "\": invalid syntax");
        }
    }

    private static ConsulFailure conflict(ConsulQuery query, List<String> names) {
        String all = String.join(
                "&",
                names.stream().map(name -> name + "=" + query.value(name).get()).toList());
        return new ConsulFailure(400, "Conflicting flags: " + all + "\n");
    }
}
