package dev.raftkv.rest;

import dev.raftkv.kv.KvService;
import dev.raftkv.kv.Reader;
import dev.raftkv.model.Code;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Prefix;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * What {@code GET /store} without a key asks for: keys that start with a prefix, a page at a time. The names of a page are
 * found first, its values are read and sent one by one, so that a page of long values is never in memory.
 *
 * @param demand how current it has to be, as further parameters of the next page
 */
record StoreList(Prefix prefix, int limit, Optional<Key> after, Show show, String demand) {
    static final String PREFIX = "prefix";
    static final String[] PARAMETERS = {
        PREFIX, "limit", "after", "keys_only", "count_only", Reads.CONSISTENCY, Reads.MIN_REVISION
    };

    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1000;
    private static final String FETCHED = "{\"message\":\"success fetching data\",\"data\":";

    enum Show {
        ENTRIES,
        KEYS,
        COUNT
    }

    /** @throws KvException if a parameter is not acceptable, or two exclude each other */
    static StoreList of(QueryParameters query) {
        query.requireOneOf("keys_only", "count_only");
        query.requireOneOf("limit", "count_only");
        query.requireOneOf("after", "count_only");
        Show show = query.flag("count_only") ? Show.COUNT : query.flag("keys_only") ? Show.KEYS : Show.ENTRIES;
        Prefix prefix = Prefix.of(query.get(PREFIX).orElse(""));
        int limit = (int) query.number("limit", 1, MAX_LIMIT).orElse(DEFAULT_LIMIT);
        return new StoreList(
                prefix,
                limit,
                query.get("after").map(Key::of),
                show,
                parameter(query, Reads.CONSISTENCY) + parameter(query, Reads.MIN_REVISION));
    }

    Response.ResponseBuilder answer(Reader reader, KvService kv) {
        if (show == Show.COUNT) {
            return Answers.success(Json.line(json -> {
                json.writeStringField("message", "success fetching data");
                json.writeObjectFieldStart("data");
                json.writeNumberField("count", reader.count(prefix));
                json.writeEndObject();
            }));
        }
        List<Key> found = reader.keys(prefix, after, limit + 1);
        List<Key> page = found.size() > limit ? found.subList(0, limit) : found;
        StreamingOutput body =
                show == Show.KEYS ? out -> writeKeys(out, page) : out -> writeEntries(out, page, reader, kv);
        Response.ResponseBuilder answer = Response.ok(body, Answers.JSON);
        return found.size() > limit
                ? answer.header(HttpHeaders.LINK, "<" + next(page.get(limit - 1)) + ">; rel=\"next\"")
                : answer;
    }

    private static void writeKeys(OutputStream stream, List<Key> keys) throws IOException {
        OutputStream out = new BufferedOutputStream(stream);
        EntryJson.text(out, FETCHED + "[");
        String separator = "";
        for (Key key : keys) {
            EntryJson.text(out, separator);
            EntryJson.write(out, key);
            separator = ",";
        }
        EntryJson.text(out, "]}\n");
        out.flush();
    }

    private static void writeEntries(OutputStream stream, List<Key> keys, Reader reader, KvService kv)
            throws IOException {
        OutputStream out = new BufferedOutputStream(stream);
        EntryJson.text(out, FETCHED + "[");
        String separator = "";
        for (Key key : keys) {
            Optional<Entry> entry = reader.get(key);
            // A key that was removed since its name was found is not there.
            if (entry.isPresent()) {
                EntryJson.text(out, separator);
                EntryJson.write(out, entry.get(), kv.remainingMillis(entry.get()));
                separator = ",";
            }
        }
        EntryJson.text(out, "]}\n");
        out.flush();
    }

    /** Relative to this page's own URL, so that it is right behind any proxy. */
    private String next(Key last) {
        return "?prefix=" + encode(prefix.text()) + "&limit=" + limit + "&after=" + encode(last.text())
                + (show == Show.KEYS ? "&keys_only" : "")
                + demand;
    }

    private static String parameter(QueryParameters query, String name) {
        return query.get(name).map(value -> "&" + name + "=" + encode(value)).orElse("");
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** The range that {@code DELETE /store?prefix=} names. */
    static Prefix rangeToRemove(QueryParameters query) {
        String prefix = query.get(PREFIX).orElseThrow();
        if (prefix.isEmpty()) {
            throw new KvException(
                    Code.INVALID, "prefix is empty, which would remove every key: name the range that is to go");
        }
        return Prefix.of(prefix);
    }
}
