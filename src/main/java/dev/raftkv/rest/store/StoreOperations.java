package dev.raftkv.rest.store;

import dev.raftkv.kv.KvService;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Counter;
import dev.raftkv.model.Entry;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Seen;
import dev.raftkv.model.Together;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Write;
import dev.raftkv.rest.cluster.LeaderRouting;
import dev.raftkv.rest.cluster.Reads;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Answers;
import dev.raftkv.rest.http.Operation;
import dev.raftkv.rest.http.Operation.Effect;
import dev.raftkv.rest.json.Ttl;
import dev.raftkv.rest.json.ValueContent;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Request;
import dev.raftkv.rest.request.RequestedKey;
import dev.raftkv.rest.txn.Previous;
import dev.raftkv.rest.txn.TxnAnswer;
import dev.raftkv.rest.txn.TxnRequest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/** Reads and writes of keys. */
public final class StoreOperations {
    /** A key of the full length, each of its characters written as an escape, fits ten times. */
    private static final int ALL_BUT_THE_VALUE = 64 * 1024;

    private static final String STORE = "store";
    private static final String STORE_KEY = "store/{key}";
    private static final String RAW = "raw";
    private static final String ADD = "add";
    private static final String SEQUENCE = "sequence";
    private static final List<String> OF_A_KEY =
            List.of(RequestedKey.PARAMETER, RAW, Reads.CONSISTENCY, Reads.MIN_REVISION);
    private static final List<String> OF_MANY_KEYS = List.of(Reads.CONSISTENCY, Reads.MIN_REVISION);

    private final KvService kv;
    private final LeaderRouting routing;
    private final Reads reads;
    private final LockOperations locks;
    private final PreviousWrites previous;
    private final int maxBody;

    public StoreOperations(KvService kv, LeaderRouting routing, Reads reads, LockOperations locks) {
        this.kv = kv;
        this.routing = routing;
        this.reads = reads;
        this.locks = locks;
        this.previous = new PreviousWrites(kv, routing);
        this.maxBody = kv.maxValueBytes() + ALL_BUT_THE_VALUE;
    }

    public List<Operation> all() {
        List<String> post = List.of(Previous.PARAMETER);
        List<String> put = List.of(
                RequestedKey.PARAMETER,
                Ttl.NAME,
                SessionRequest.NAME,
                LockOperations.WAIT,
                LockOperations.RELEASE,
                Previous.PARAMETER);
        List<String> add = List.of(RequestedKey.PARAMETER, ADD, Previous.PARAMETER);
        List<String> append = List.of(StoreList.PREFIX, SEQUENCE);
        List<String> slot = List.of(StoreList.PREFIX, LockOperations.SLOTS, SessionRequest.NAME, LockOperations.WAIT);
        List<String> delete =
                List.of(RequestedKey.PARAMETER, StoreList.PREFIX, SessionRequest.NAME, Previous.PARAMETER);
        return List.of(
                new Operation("GET", STORE, StoreList.PARAMETERS, Effect.READS, this::list),
                new Operation("GET", STORE, OF_A_KEY, Effect.READS, this::get).chosenBy(RequestedKey.PARAMETER),
                new Operation("POST", STORE, post, Effect.CHANGES, this::post).takingBody(maxBody),
                new Operation("POST", STORE, add, Effect.CHANGES, this::add)
                        .chosenBy(ADD)
                        .refusingBody(),
                new Operation("POST", STORE, append, Effect.CHANGES, this::append)
                        .chosenBy(SEQUENCE)
                        .takingBody(maxBody),
                new Operation("POST", STORE, slot, Effect.CHANGES, locks::slot)
                        .chosenBy(LockOperations.SLOTS)
                        .takingBody(maxBody),
                new Operation("PUT", STORE, put, Effect.CHANGES, this::put).takingBody(maxBody),
                new Operation("DELETE", STORE, delete, Effect.CHANGES, this::delete),
                new Operation("GET", STORE_KEY, OF_A_KEY, Effect.READS, this::get),
                new Operation("POST", STORE_KEY, add, Effect.CHANGES, this::add).refusingBody(),
                new Operation("PUT", STORE_KEY, put, Effect.CHANGES, this::put).takingBody(maxBody),
                new Operation("DELETE", STORE_KEY, delete, Effect.CHANGES, this::delete),
                new Operation("POST", "read", OF_MANY_KEYS, Effect.READS, this::readMany).takingBody(maxBody),
                new Operation("POST", "txn", List.of(), Effect.CHANGES, this::txn).takingBody(maxBody));
    }

    // --- writes ---

    private CompletionStage<Answer> post(Request request) {
        return store(request, StoreRequest.parse(request.body()));
    }

    private CompletionStage<Answer> put(Request request) {
        if (LockOperations.areMeant(request.query())) {
            return locks.put(request);
        }
        OptionalLong ttl = request.query().number(Ttl.NAME, 1, Ttl.MAX_SECONDS);
        return store(request, StoreRequest.parse(RequestedKey.of(request), ttl, request.body()));
    }

    private CompletionStage<Answer> store(Request request, StoreRequest store) {
        long ttl = Ttl.millisOf(store.ttl());
        if (PreviousWrites.isAsked(request)) {
            return previous.change(request, new TxnOp.Put(store.key(), store.value(), ttl), KeyAnswer.PERSISTED);
        }
        Command put = new Command.Put(store.key(), store.value(), ttl);
        Write write = new Write(put, Conditions.of(request), RequestName.of(request));
        return routing.route(
                request,
                () -> kv.write(write, Outcome.Stored.class)
                        .thenApply(stored -> stored(200, store.key(), store.value(), stored.revision())));
    }

    private static Answer stored(int status, Key key, JsonText value, long revision) {
        return Answer.of(status, Answers.JSON, KeyAnswer.PERSISTED.body(key, value))
                .header(Headers.REVISION, revision)
                .header(Headers.ETAG, Headers.tag(revision));
    }

    private CompletionStage<Answer> add(Request request) {
        Key key = RequestedKey.of(request);
        Counter by = request.query()
                .get(ADD)
                .flatMap(Counter::of)
                .orElseThrow(() -> new KvException(
                        Code.INVALID,
                        "add says what to add to the key: give an integer of at most " + Counter.MAX_DIGITS
                                + " digits, as ?add=5 or ?add=-5"));
        if (PreviousWrites.isAsked(request)) {
            return previous.change(request, new TxnOp.Add(key, by), KeyAnswer.PERSISTED);
        }
        Write write = new Write(new Command.Add(key, by), Conditions.of(request), RequestName.of(request));
        return routing.route(
                request,
                () -> kv.write(write, Outcome.Added.class)
                        .thenApply(added -> stored(200, key, added.value().json(), added.revision())));
    }

    private CompletionStage<Answer> append(Request request) {
        if (!request.query().flag(SEQUENCE)) {
            throw new KvException(Code.INVALID, "sequence is false: leave it out, and name the key");
        }
        Conditions.requireNone(request, "a sequence makes a new one, whatever there is");
        Prefix prefix = Prefix.of(request.query().get(StoreList.PREFIX).orElse(""));
        Command.Append append = StoreRequest.parse(prefix, request.body());
        Write write = new Write(append, Precondition.NONE, RequestName.of(request));
        return routing.route(
                request,
                () -> kv.write(write, Outcome.Stored.class).thenApply(stored -> {
                    Key key = append.key(stored.revision());
                    return stored(201, key, append.value(), stored.revision())
                            .header(Headers.LOCATION, location(request, key));
                }));
    }

    /** Relative to the URL of the request, so that it is right behind any proxy; and any key survives in a query. */
    private static String location(Request request, Key key) {
        return (request.path().endsWith("/") ? "../" : "") + STORE + "?" + RequestedKey.PARAMETER + "="
                + URLEncoder.encode(key.text(), StandardCharsets.UTF_8);
    }

    private CompletionStage<Answer> delete(Request request) {
        if (request.query().has(StoreList.PREFIX)) {
            requireNoKey(request);
            request.query().requireOneOf(StoreList.PREFIX, Previous.PARAMETER);
            request.query().requireOneOf(StoreList.PREFIX, SessionRequest.NAME);
            return deleteRange(request, StoreList.rangeToRemove(request.query()));
        }
        if (LockOperations.areMeant(request.query())) {
            return locks.delete(request);
        }
        Key key = RequestedKey.of(request);
        if (PreviousWrites.isAsked(request)) {
            return previous.change(request, new TxnOp.Delete(key), KeyAnswer.REMOVED);
        }
        Write write = new Write(new Command.Delete(key), Conditions.of(request), RequestName.of(request));
        return routing.route(
                request,
                () -> kv.write(write, Outcome.Removed.class)
                        .thenApply(removed ->
                                Answers.ok(KeyAnswer.REMOVED.body(key)).header(Headers.REVISION, removed.revision())));
    }

    private static void requireNoKey(Request request) {
        if (RequestedKey.isNamed(request)) {
            throw new KvException(
                    Code.INVALID, "a key and a prefix are given: remove one key, or the range that has the prefix");
        }
    }

    private CompletionStage<Answer> deleteRange(Request request, Prefix prefix) {
        Conditions.requireNone(request, "compare keys in a transaction, POST /txn");
        Write write = new Write(new Command.DeleteRange(prefix), Precondition.NONE, RequestName.of(request));
        return routing.route(
                request,
                () -> kv.write(write, Outcome.RangeRemoved.class)
                        .thenApply(removed -> Answers.ok(json -> {
                                    json.writeStringField("message", "success removing data");
                                    json.writeObjectFieldStart("data");
                                    json.writeStringField("prefix", prefix.text());
                                    json.writeNumberField("removed", removed.count());
                                    json.writeEndObject();
                                })
                                .header(Headers.REVISION, removed.revision())));
    }

    private CompletionStage<Answer> txn(Request request) {
        Conditions.requireNone(request, "write compares into the list \"if\"");
        TxnRequest txn = TxnRequest.parse(request.body());
        Write write = new Write(txn.txn(), Precondition.NONE, RequestName.of(request));
        return routing.route(
                request,
                () -> kv.write(write, Outcome.TxnDone.class).thenApply(done -> {
                    byte[] body = TxnAnswer.body(done, done.succeeded() ? txn.thenPrevious() : txn.elsePrevious(), kv);
                    return Answers.ok(body)
                            .whenGone(kv.unsent().add(body.length))
                            .header(Headers.REVISION, done.revision());
                }));
    }

    // --- reads ---

    private CompletionStage<Answer> list(Request request) {
        StoreList list = StoreList.of(request.query());
        boolean unmodified = Conditions.isUnmodifiedList(request);
        Reads.Demand demand = reads.demand(request.query());
        return reads.readLater(request, demand, reader -> {
            CompletableFuture<Answer> answer = unmodified
                    ? CompletableFuture.completedFuture(Answer.empty(304).header(Headers.REVISION, reader.revision()))
                    : list.answer(reader, kv);
            return answer.thenApply(
                    found -> found.header(Headers.CONSISTENCY, demand.level().label()));
        });
    }

    private CompletionStage<Answer> readMany(Request request) {
        Conditions.requireNone(request, "read the key by itself");
        ManyKeys many = ManyKeys.parse(request.body());
        Reads.Demand demand = reads.demand(request.query());
        return reads.readLater(
                request,
                demand,
                reader -> reader.seeTogether(many.keys(), kv.maxValueBytes()).thenApply(found -> {
                    Together together = found.orElseThrow(() -> ManyKeys.tooLarge(kv.maxValueBytes()));
                    return at(Answers.ok(many.answer(together, kv)), together.revision(), demand);
                }));
    }

    private CompletionStage<Answer> get(Request request) {
        Key key = RequestedKey.of(request);
        boolean raw = request.query().flag(RAW);
        Precondition precondition = Conditions.of(request);
        Reads.Demand demand = reads.demand(request.query());
        Function<Seen, Answer> answer = seen -> shown(seen, key, raw, precondition, demand);
        Supplier<CompletionStage<Answer>> read =
                () -> reads.read(request, demand, reader -> answer.apply(reader.see(key)));
        if (demand.isLocal() && request.header(Headers.FOLLOWER_WRITES).isEmpty()) {
            Seen seen = kv.glance(key);
            if (seen != null) {
                return CompletableFuture.completedFuture(answer.apply(seen));
            }
        }
        return request.mayWait() ? read.get() : request.elsewhere(read);
    }

    private Answer shown(Seen seen, Key key, boolean raw, Precondition precondition, Reads.Demand demand) {
        Entry entry = entry(seen, key);
        Answer answer = isUnmodified(precondition, entry, seen.revision())
                ? Answer.empty(304)
                : raw ? raw(entry) : Answers.ok(KeyAnswer.FETCHED.body(key, entry.value(), entry.hold()));
        kv.remainingMillis(entry).ifPresent(millis -> answer.header(Headers.TTL, Ttl.secondsOf(millis)));
        return at(answer.header(Headers.ETAG, Headers.tag(entry.changeRevision())), seen.revision(), demand);
    }

    private static Answer at(Answer answer, long revision, Reads.Demand demand) {
        return answer.header(Headers.REVISION, revision)
                .header(Headers.CONSISTENCY, demand.level().label());
    }

    /** Of a key that has to be there. */
    private static Entry entry(Seen seen, Key key) {
        if (seen.entry().isEmpty()) {
            throw new KvException(Code.NOT_FOUND, "error getting key " + key + " from storage: Key not found")
                    .at(seen.revision());
        }
        return seen.entry().get();
    }

    /** What a precondition says of the entry: RFC 9110, section 13.2.2. */
    private static boolean isUnmodified(Precondition precondition, Entry entry, long revision) {
        if (precondition.holds(entry.changeRevision())) {
            return false;
        }
        boolean matches = new Precondition(precondition.ifMatch(), Optional.empty()).holds(entry.changeRevision());
        if (!matches) {
            throw KvException.preconditionFailed(entry.changeRevision()).at(revision);
        }
        return true;
    }

    /** The bare value. Whoever stores it is not who shows it: a browser must not take it for a page of this site. */
    private static Answer raw(Entry entry) {
        return Answer.of(
                        200,
                        ValueContent.of(entry.value()).mediaType(),
                        entry.value().bytes())
                .header(Headers.CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'");
    }
}
