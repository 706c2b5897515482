package dev.raftkv.rest.store;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.json.Json;
import dev.raftkv.kv.KvService;
import dev.raftkv.kv.Reader;
import dev.raftkv.model.Code;
import dev.raftkv.model.Counted;
import dev.raftkv.model.Created;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Listed;
import dev.raftkv.model.Page;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Range;
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
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * What {@code GET /store} without a key asks for: keys that start with a prefix, a page at a time, as they are at one moment. So it
 * is in memory, and ends where its values would be longer than one may be. Of a level, or in the order of creation, the names of a
 * page are found first, its values are read and sent one by one. Or how many these keys are, of which a request counts a bounded
 * number.
 *
 * @param range which keys; of one in the order of their creation, prefix and direction
 * @param byCreation whether they come in the order of their creation
 * @param afterRevision that at which the key was made behind which the page begins, in the order of their creation
 * @param limit the most keys of a page, or to be counted
 * @param demand how current it has to be, as further parameters of the next page
 */
record StoreList(Range range, boolean byCreation, OptionalLong afterRevision, int limit, Show show, String demand) {
    static final String PREFIX = "prefix";
    private static final String LIMIT = "limit";
    private static final String AFTER = "after";
    private static final String REVERSE = "reverse";
    private static final String SEPARATOR = "separator";
    private static final String ORDER = "order";
    private static final String AFTER_REVISION = "after_revision";
    private static final String KEYS_ONLY = "keys_only";
    private static final String COUNT_ONLY = "count_only";
    static final List<String> PARAMETERS = List.of(
            PREFIX,
            LIMIT,
            AFTER,
            REVERSE,
            SEPARATOR,
            ORDER,
            AFTER_REVISION,
            KEYS_ONLY,
            COUNT_ONLY,
            Reads.CONSISTENCY,
            Reads.MIN_REVISION);

    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1000;

    /** Takes a twentieth of a second on a slow processor. Who needs the number of more keys asks again, for the rest. */
    private static final int MOST_COUNTED = 100_000;

    /** Each is read, up to its value, for each page. */
    private static final int MOST_SORTED = 10_000;

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

    /** About what an entry takes beside its key and its value. */
    private static final int ALL_BUT_KEY_AND_VALUE = 192;

    /** @throws KvException if a parameter is not acceptable, or two exclude each other */
    static StoreList of(Query query) {
        query.requireOneOf(KEYS_ONLY, COUNT_ONLY);
        for (String ofPages : List.of(LIMIT, REVERSE, SEPARATOR, ORDER)) {
            query.requireOneOf(ofPages, COUNT_ONLY);
        }
        query.requireOneOf(SEPARATOR, ORDER);
        Show show = query.flag(COUNT_ONLY) ? Show.COUNT : query.flag(KEYS_ONLY) ? Show.KEYS : Show.ENTRIES;
        Prefix prefix = Prefix.of(query.get(PREFIX).orElse(""));
        int limit = show == Show.COUNT
                ? MOST_COUNTED
                : (int) query.number(LIMIT, 1, MAX_LIMIT).orElse(DEFAULT_LIMIT);
        Optional<Prefix> separator = query.get(SEPARATOR).map(StoreList::separator);
        boolean byCreation = query.get(ORDER).map(StoreList::isByCreation).orElse(false);
        return new StoreList(
                new Range(prefix, separator, after(query, separator.isPresent()), query.flag(REVERSE)),
                byCreation,
                afterRevision(query, byCreation),
                limit,
                show,
                parameter(query, Reads.CONSISTENCY) + parameter(query, Reads.MIN_REVISION));
    }

    private static Prefix separator(String text) {
        if (text.isEmpty()) {
            throw new KvException(
                    Code.INVALID, "separator is empty: give what parts the levels of the keys, such as /");
        }
        return Prefix.of(text);
    }

    private static boolean isByCreation(String order) {
        return switch (order) {
            case "key" -> false;
            case "created" -> true;
            default -> throw new KvException(Code.INVALID, ORDER + " is " + order + ": give one of key, created");
        };
    }

    /** What stands in the place of keys may end with white space, which no key does. */
    private static Optional<Key> after(Query query, boolean ofLevel) {
        return query.get(AFTER).map(text -> ofLevel ? Key.ofUtf8(Prefix.of(text).utf8()) : Key.of(text));
    }

    private static OptionalLong afterRevision(Query query, boolean byCreation) {
        if (query.has(AFTER_REVISION) && !byCreation) {
            throw new KvException(Code.INVALID, AFTER_REVISION + " is for order=created: leave it out");
        }
        if (byCreation && query.has(AFTER) != query.has(AFTER_REVISION)) {
            throw new KvException(
                    Code.INVALID,
                    "with order=created after and after_revision belong together: give the key and its create_revision,"
                            + " as the Link of the page before does");
        }
        return query.number(AFTER_REVISION, 0, Long.MAX_VALUE / 10);
    }

    /**
     * The answer, which says of which revision it is.
     *
     * @return ends with a {@link KvException}: {@link Code#INVALID} if there are too many keys to be put in an order; those of
     *     {@link Reader#seeTogether(Range, int, long)}
     */
    CompletableFuture<Answer> answer(Reader reader, KvService kv) {
        if (show == Show.COUNT || byCreation || range.separator().isPresent()) {
            return CompletableFuture.completedFuture(
                    answerInTurn(reader, kv).header(Headers.REVISION, reader.revision()));
        }
        return show == Show.KEYS
                ? reader.seeKeysTogether(range, limit)
                        .thenApply(page -> answer(
                                page,
                                Function.identity(),
                                key -> key.utf8().length,
                                (json, key) -> json.writeString(key.text())))
                : reader.seeTogether(range, limit, kv.maxValueBytes())
                        .thenApply(page -> answer(
                                page,
                                Entry::key,
                                entry -> ALL_BUT_KEY_AND_VALUE
                                        + entry.key().utf8().length
                                        + entry.value().length(),
                                (json, entry) -> EntryJson.write(json, entry, kv.remainingMillis(entry))));
    }

    /** Writes one of what is found. */
    private interface Element<T> {
        void write(JsonGenerator json, T found) throws IOException;
    }

    /** @param size about how many bytes an element has */
    private <T> Answer answer(Page<T> page, Function<T, Key> key, ToIntFunction<T> size, Element<T> element) {
        List<T> found = page.found();
        byte[] body = Json.line(512 + found.stream().mapToInt(size).sum(), json -> {
            json.writeStringField("message", FETCHED);
            json.writeArrayFieldStart("data");
            for (T each : found) {
                element.write(json, each);
            }
            json.writeEndArray();
        });
        Answer answer = Answers.ok(body).header(Headers.REVISION, page.revision());
        return page.more() ? linked(answer, key.apply(found.get(found.size() - 1)), "") : answer;
    }

    private Answer answerInTurn(Reader reader, KvService kv) {
        if (show == Show.COUNT) {
            Counted counted = reader.count(range.prefix(), range.after(), limit);
            return counted.until().map(last -> linked(count(counted), last, "")).orElseGet(() -> count(counted));
        }
        if (byCreation) {
            List<Created> found = created(reader);
            Answer answer = page(
                    found.stream().map(each -> new Listed(each.key(), false)).toList(), reader, kv);
            return found.size() > limit
                    ? linked(
                            answer,
                            found.get(limit - 1).key(),
                            "&" + AFTER_REVISION + "=" + found.get(limit - 1).revision())
                    : answer;
        }
        List<Listed> found = reader.keys(range, limit + 1);
        Answer answer = page(found, reader, kv);
        return found.size() > limit ? linked(answer, found.get(limit - 1).name(), "") : answer;
    }

    private List<Created> created(Reader reader) {
        Optional<Created> after = range.after().map(key -> new Created(afterRevision.getAsLong(), key));
        return reader.keysByCreation(range.prefix(), after, range.reverse(), limit + 1, MOST_SORTED)
                .orElseThrow(() -> new KvException(
                        Code.INVALID,
                        "more than " + MOST_SORTED + " keys start with the prefix, and order=created looks at each of"
                                + " them: give a longer prefix"));
    }

    /** @param found may have one more, which is not shown */
    private Answer page(List<Listed> found, Reader reader, KvService kv) {
        List<Listed> page = found.size() > limit ? found.subList(0, limit) : found;
        ListPieces.Element element = show == Show.KEYS
                ? (json, listed) -> json.writeString(listed.name().text())
                : (json, listed) -> write(json, listed, reader, kv);
        return Answer.of(200, Answers.JSON, new ListPieces(FETCHED, page, element));
    }

    private static Answer count(Counted counted) {
        return Answers.ok(json -> {
            json.writeStringField("message", FETCHED);
            json.writeObjectFieldStart("data");
            json.writeNumberField("count", counted.keys());
            if (counted.until().isPresent()) {
                json.writeBooleanField("more", true);
            }
            json.writeEndObject();
        });
    }

    private static void write(JsonGenerator json, Listed listed, Reader reader, KvService kv) throws IOException {
        if (listed.isPrefix()) {
            json.writeStartObject();
            json.writeStringField(PREFIX, listed.name().text());
            json.writeEndObject();
            return;
        }
        Optional<Entry> entry = reader.get(listed.name());
        // A key that was removed since its name was found is not there.
        if (entry.isPresent()) {
            EntryJson.write(json, entry.get(), kv.remainingMillis(entry.get()));
        }
    }

    /** Relative to this page's own URL, so that it is right behind any proxy. */
    private Answer linked(Answer answer, Key last, String place) {
        String next = "?prefix=" + encode(range.prefix().text())
                + (show == Show.COUNT ? "" : "&limit=" + limit)
                + (range.reverse() ? "&" + REVERSE : "")
                + range.separator()
                        .map(text -> "&" + SEPARATOR + "=" + encode(text.text()))
                        .orElse("")
                + (byCreation ? "&" + ORDER + "=created" : "")
                + "&after=" + encode(last.text()) + place + show.parameter + demand;
        return answer.header(Headers.LINK, "<" + next + ">; rel=\"next\"");
    }

    static String parameter(Query query, String name) {
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
