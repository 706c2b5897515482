package dev.raftkv.rest;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.look.LogBounds;
import dev.raftkv.raft.look.LogPage;
import dev.raftkv.raft.look.LogQuery;
import dev.raftkv.raft.look.LoggedEntry;
import dev.raftkv.raft.look.LoggedEntry.Metadata;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A log in memory: what has been put there, at the index that it has. */
final class FakeLog implements Function<LogQuery, LogPage> {
    private final List<LoggedEntry> entries = new ArrayList<>();
    private volatile Optional<KvException> closed = Optional.empty();
    private final long first;

    /** @param first the index of the first entry */
    FakeLog(long first) {
        this.first = first;
    }

    synchronized FakeLog with(LoggedEntry.Content content) {
        entries.add(new LoggedEntry(first + entries.size(), 2, 100, content));
        return this;
    }

    FakeLog withMetadata(int count) {
        for (int i = 0; i < count; i++) {
            with(new Metadata(i));
        }
        return this;
    }

    void close(String reason) {
        closed = Optional.of(new KvException(Code.UNAVAILABLE, reason));
    }

    @Override
    public synchronized LogPage apply(LogQuery query) {
        closed.ifPresent(reason -> {
            throw reason;
        });
        long last = first + entries.size() - 1;
        LogBounds bounds = new LogBounds(first, last, last - 1, last - 2);
        long from = query.newestFirst()
                ? Math.max(first, last - query.most() + 1)
                : query.from().orElse(first);
        if (from < first) {
            throw KvException.purged(from, first);
        }
        List<LoggedEntry> wanted = new ArrayList<>(entries.stream()
                .filter(entry -> entry.index() >= from)
                .limit(query.most())
                .toList());
        if (query.newestFirst()) {
            Collections.reverse(wanted);
        }
        return new LogPage(bounds, wanted.iterator());
    }
}
