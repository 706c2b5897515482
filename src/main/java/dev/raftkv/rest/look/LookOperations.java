package dev.raftkv.rest.look;

import dev.raftkv.access.UserRole;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.look.EventFeed;
import dev.raftkv.raft.look.Events;
import dev.raftkv.raft.look.LogPage;
import dev.raftkv.raft.look.LogQuery;
import dev.raftkv.rest.events.EventStream;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Answers;
import dev.raftkv.rest.http.Operation;
import dev.raftkv.rest.http.Operation.Effect;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Query;
import dev.raftkv.rest.request.Request;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** {@code GET /raft/log} and {@code GET /raft/events}: of this node alone, and never asked of another. */
public final class LookOperations {
    private static final String FROM = "from";
    private static final String LIMIT = "limit";
    private static final String LAST = "last";
    private static final int USUAL_ENTRIES = 100;
    private static final int MOST_ENTRIES = 1000;
    private static final long LARGEST_INDEX = Long.MAX_VALUE / 10;

    private final Inside inside;
    private final Duration patience;

    /** @param patience how long the client of a stream may take nothing */
    public LookOperations(Inside inside, Duration patience) {
        this.inside = inside;
        this.patience = patience;
    }

    public List<Operation> all() {
        return List.of(
                // Its entries show keys and what is written under them.
                new Operation("GET", "raft/log", List.of(FROM, LIMIT, LAST), Effect.READS, this::log),
                new Operation("GET", "raft/events", List.of(LAST), Effect.OPERATIONAL, this::events)
                        .askingFor(UserRole.READER));
    }

    private CompletionStage<Answer> log(Request request) {
        Query query = request.query();
        query.requireOneOf(LAST, FROM);
        query.requireOneOf(LAST, LIMIT);
        OptionalLong last = query.number(LAST, 1, MOST_ENTRIES);
        LogPage page = inside.log()
                .apply(new LogQuery(
                        query.number(FROM, 0, LARGEST_INDEX),
                        (int) last.orElse(query.number(LIMIT, 1, MOST_ENTRIES).orElse(USUAL_ENTRIES)),
                        last.isPresent()));
        return CompletableFuture.completedFuture(Answers.ok(json -> new LogJson(json).write(page, last.isEmpty())));
    }

    private CompletionStage<Answer> events(Request request) {
        OptionalLong after = request.header(Headers.LAST_EVENT_ID)
                .filter(id -> !id.isEmpty())
                .map(id -> OptionalLong.of(number(id)))
                .orElse(OptionalLong.empty());
        int latest = (int) request.query().number(LAST, 0, Events.KEPT).orElse(0);
        EventStream stream = new EventStream(patience);
        EventFeed feed = inside.events().feed(after, latest, stream::woken);
        return CompletableFuture.completedFuture(stream.open(new NodeNews(feed)));
    }

    private static long number(String id) {
        if (!id.matches("[0-9]{1,18}")) {
            throw new KvException(
                    Code.INVALID,
                    Headers.LAST_EVENT_ID + " is " + id + ": give the id of an event of this node, which is a number");
        }
        return Long.parseLong(id);
    }
}
