package dev.raftkv.rest.watch;

import dev.raftkv.kv.KvService;
import dev.raftkv.kv.Watch;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.ReadLevel;
import dev.raftkv.rest.cluster.Reads;
import dev.raftkv.rest.events.EventStream;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Operation;
import dev.raftkv.rest.http.Operation.Effect;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Request;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;

/** {@code GET /watch}: a stream of events, or with {@code wait} one answer. */
public final class WatchOperation {
    private final KvService kv;
    private final Reads reads;
    private final Duration patience;
    private final ScheduledExecutorService timer;

    /**
     * @param patience how long the client of a stream may take nothing
     * @param timer for polls whose time is over, and marks that are due
     */
    public WatchOperation(KvService kv, Reads reads, Duration patience, ScheduledExecutorService timer) {
        this.kv = kv;
        this.reads = reads;
        this.patience = patience;
        this.timer = timer;
    }

    public Operation operation() {
        return new Operation("GET", "watch", WatchRequest.PARAMETERS, Effect.READS, this::watch);
    }

    private CompletionStage<Answer> watch(Request request) {
        WatchRequest asked = WatchRequest.of(request);
        asked.from().ifPresent(kv.watches()::requireOwn);
        return reads.awaitShown(
                        asked.from().map(from -> from.cursor().revision()).orElse(0L))
                .thenCompose(shown -> awaitPrevious(asked))
                .thenApply(
                        kept -> asked.patience().map(wait -> poll(asked, wait)).orElseGet(() -> stream(asked)));
    }

    /** Ends when it is sure that what is asked for is kept, which this node may not have heard of yet. */
    private CompletableFuture<Void> awaitPrevious(WatchRequest asked) {
        if (!asked.previous() || kv.reader().historyLimits().previous()) {
            return CompletableFuture.completedFuture(null);
        }
        return reads.reader(new Reads.Demand(ReadLevel.LINEARIZABLE, 0)).thenAccept(reader -> {
            if (!reader.historyLimits().previous()) {
                throw new KvException(
                        Code.CONFLICT,
                        "this cluster does not keep what keys were before their changes, so that watches cannot tell: switch"
                                + " it on by PUT /raft/settings, with \"prev\": true in its history, or watch without prev");
            }
        });
    }

    private Answer stream(WatchRequest asked) {
        EventStream stream = new EventStream(patience);
        Watch watch = asked.initial()
                ? kv.watches().watchFromPresent(asked.interest(), stream::woken)
                : kv.watches().watch(asked.interest(), asked.from().orElse(null), stream::woken);
        WatchNews news = new WatchNews(new EventText(kv, asked.previous()), watch);
        asked.progress().ifPresent(interval -> news.markEach(interval, timer, stream::woken));
        return stream.open(news).header(Headers.REVISION, watch.openedAt());
    }

    private Answer poll(WatchRequest asked, Duration wait) {
        WatchPoll poll = new WatchPoll(new EventText(kv, asked.previous()), timer, wait);
        return poll.open(kv.watches().watch(asked.interest(), asked.from().orElse(null), poll::woken));
    }
}
