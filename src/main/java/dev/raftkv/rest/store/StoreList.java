package dev.raftkv.rest.store;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.kv.KvService;
import dev.raftkv.kv.Reader;
import dev.raftkv.model.Code;
import dev.raftkv.model.Counted;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Prefix;
import dev.raftkv.rest.cluster.Reads;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Answers;
import dev.raftkv.rest.json.EntryJson;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Query;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * What {@code GET /store} without a key asks for: keys that start with a prefix, a page at a time. The names of a page are
 * found first, its values are read and sent one by one, so that a page of long values is never in memory. Or how many these keys
 * are, of which a request counts a bounded number.
 *
 * @param limit the most keys of a page, or to be counted
 * @param demand how current it has to be, as further parameters of the next page
 */
record StoreList(Prefix prefix, int limit, Optional<Key> after, Show show, String demand) {
    static final String PREFIX = "prefix";
    static final List<String> PARAMETERS =
            List.of(PREFIX, "limit", "after", "keys_only", "count_only", Reads.CONSISTENCY, Reads.MIN_REVISION);

    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1000;

    /** Takes a twentieth of a second on a slow processor. Who needs the number of more keys asks again, for the rest. */
    private static final int MOST_COUNTED = 100_000;

    private static final String FETCHED = "success fetching data";

    enum Show {
        ENTRIES(""),
        KEYS("&keys_only"),
        COUNT("&count_only");

        private final String parameter;

        Show(String parameter) {
            this.parameter = parameter;
        }
    }

    /** @throws KvException if a parameter is not acceptable, or two exclude each other */
    static StoreList of(Query query) {
        query.requireOneOf("keys_only", "count_only");
        query.requireOneOf("limit", "count_only");
        Show show = query.flag("count_only") ? Show.COUNT : query.flag("keys_only") ? Show.KEYS : Show.ENTRIES;
        Prefix prefix = Prefix.of(query.get(PREFIX).orElse(""));
        int limit = show == Show.COUNT
                ? MOST_COUNTED
                : (int) query.number("limit", 1, MAX_LIMIT).orElse(DEFAULT_LIMIT);
        return new StoreList(
                prefix,
                limit,
                query.get("after").map(Key::of),
                show,
                parameter(query, Reads.CONSISTENCY) + parameter(query, Reads.MIN_REVISION));
    }

    Answer answer(Reader reader, KvService kv) {
        if (show == Show.COUNT) {
            return count(reader.count(prefix, after, limit));
        }
        List<Key> found = reader.keys(prefix, after, limit + 1);
        List<Key> page = found.size() > limit ? found.subList(0, limit) : found;
        ListPieces.Element element = show == Show.KEYS
                ? (json, key) -> json.writeString(key.text())
                : (json, key) -> write(json, key, reader, kv);
        Answer answer = Answer.of(200, Answers.JSON, new ListPieces(FETCHED, page, element));
        return found.size() > limit ? linked(answer, page.get(limit - 1)) : answer;
    }

    private Answer count(Counted counted) {
        Answer answer = Answers.ok(json -> {
            json.writeStringField("message", FETCHED);
            json.writeObjectFieldStart("data");
            json.writeNumberField("count", counted.keys());
            if (counted.until().isPresent()) {
                json.writeBooleanField("more", true);
            }
            json.writeEndObject();
        });
        return counted.until().map(last -> linked(answer, last)).orElse(answer);
    }

    private static void write(JsonGenerator json, Key key, Reader reader, KvService kv) throws IOException {
        Optional<Entry> entry = reader.get(key);
        // A key that was removed since its name was found is not there.
        if (entry.isPresent()) {
            EntryJson.write(json, entry.get(), kv.remainingMillis(entry.get()));
        }
    }

    /** Relative to this page's own URL, so that it is right behind any proxy. */
    private Answer linked(Answer answer, Key last) {
        String next = "?prefix=" + encode(prefix.text())
                + (show == Show.COUNT ? "" : "&limit=" + limit)
                + "&after=" + encode(last.text()) + show.parameter + demand;
        return answer.header(Headers.LINK, "<" + next + ">; rel=\"next\"");
    }

    private static String parameter(Query query, String name) {
        return query.get(name).map(value -> "&" + name + "=" + encode(value)).orElse("");
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** The range that {@code DELETE /store?prefix=} names. */
    static Prefix rangeToRemove(Query query) {
        String prefix = query.get(PREFIX).orElseThrow();
        if (prefix.isEmpty()) {
            throw new KvException(
                    Code.INVALID, "prefix is empty, which would remove every key: name the range that is to go");
        }
        return Prefix.of(prefix);
    }
}
