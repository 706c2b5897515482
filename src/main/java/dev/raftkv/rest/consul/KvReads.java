package dev.raftkv.rest.consul;

import dev.raftkv.kv.Interest;
import dev.raftkv.kv.Reader;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Seen;
import dev.raftkv.rest.consul.text.ConsulIndex;
import dev.raftkv.rest.consul.text.ConsulQuery;
import dev.raftkv.rest.consul.text.EntryText;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Request;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** {@code GET} of {@code /v1/kv}. */
final class KvReads {
    private final ConsulReads reads;

    KvReads(ConsulReads reads) {
        this.reads = reads;
    }

    CompletionStage<Answer> get(Request request, String name) {
        ConsulQuery query = ConsulQuery.of(request.rawQuery());
        if (query.flag("keys")) {
            Prefix prefix = ConsulKeys.prefix(name);
            Optional<Prefix> separator = query.value("separator")
                    .or(() -> query.value("seperator"))
                    .filter(text -> !text.isEmpty())
                    .map(Prefix::of);
            return reads.ofKeys(query, of(prefix), reader -> keys(reader, prefix, separator, query));
        }
        if (query.flag("recurse")) {
            Prefix prefix = ConsulKeys.prefix(name);
            return reads.ofKeys(query, of(prefix), reader -> tree(reader, prefix, query));
        }
        Key key = ConsulKeys.key(name);
        return reads.ofKeys(
                query,
                new Interest(Optional.of(key), Prefix.ALL),
                reader -> CompletableFuture.completedFuture(one(reader, key, query)));
    }

    private static Interest of(Prefix prefix) {
        return new Interest(Optional.empty(), prefix);
    }

    private static Shown one(Reader reader, Key key, ConsulQuery query) {
        Seen seen = reader.see(key);
        long store = ConsulIndex.of(seen.revision());
        if (seen.entry().isEmpty()) {
            long removed = reader.removedAt(key);
            return new Shown(removed == 0 ? store : ConsulIndex.of(removed), store, true, () -> nothing());
        }
        Entry entry = seen.entry().get();
        return new Shown(
                ConsulIndex.of(entry.changeRevision()),
                Math.max(store, ConsulIndex.of(entry.changeRevision())),
                false,
                () -> query.flag("raw") ? raw(entry) : json(EntryText.array(List.of(entry), query.flag("pretty"))));
    }

    /** Without a type, by which clients would read what is not there. */
    private static Answer nothing() {
        return Answer.empty(404).header(Headers.CONTENT_LENGTH, 0);
    }

    private static Answer json(byte[] body) {
        return Answer.of(200, EntryText.JSON, body);
    }

    /** Whoever stores it is not who shows it: a browser must not take it for a page of this site. */
    private static Answer raw(Entry entry) {
        return Answer.of(200, "text/plain", entry.value().bytes()).header(Headers.CONTENT_SECURITY_POLICY, "sandbox");
    }

    private static CompletableFuture<Shown> tree(Reader reader, Prefix prefix, ConsulQuery query) {
        return Trees.read(reader, prefix).thenApply(tree -> {
            long store = ConsulIndex.of(tree.revision());
            boolean empty = tree.entries().isEmpty();
            return new Shown(
                    prefixIndex(prefix, tree.lastChange(), store),
                    store,
                    empty && tree.lastChange() == 0 || prefix.equals(Prefix.ALL) && empty,
                    () -> empty ? nothing() : json(EntryText.array(tree.entries(), query.flag("pretty"))));
        });
    }

    private static CompletableFuture<Shown> keys(
            Reader reader, Prefix prefix, Optional<Prefix> separator, ConsulQuery query) {
        return Trees.names(reader, prefix, separator).thenApply(names -> {
            long store = ConsulIndex.of(names.revision());
            boolean empty = names.names().isEmpty();
            return new Shown(
                    prefixIndex(prefix, names.lastChange(), store),
                    store,
                    empty && names.lastChange() == 0,
                    () -> empty && !prefix.text().isEmpty()
                            ? nothing()
                            : json(EntryText.names(names.names(), query.flag("pretty"))));
        });
    }

    private static long prefixIndex(Prefix prefix, long lastChange, long store) {
        return prefix.equals(Prefix.ALL) || lastChange == 0 ? store : ConsulIndex.of(lastChange);
    }
}
