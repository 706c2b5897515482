package dev.raftkv.rest.watch;

import dev.raftkv.kv.Interest;
import dev.raftkv.model.Change;
import dev.raftkv.model.Code;
import dev.raftkv.model.EventId;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Prefix;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Query;
import dev.raftkv.rest.request.Request;
import dev.raftkv.rest.request.RequestedKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code GET /watch} asks for.
 *
 * @param initial whether the keys that are there are told first
 * @param previous whether each change is told with what its key was before
 * @param progress after how long a stream marks again how far it has come; empty if it does not
 * @param from what follows this is shown; empty for all from now on
 * @param patience how long one answer may wait for a change; empty for a stream
 */
record WatchRequest(
        Interest interest,
        boolean initial,
        boolean previous,
        Optional<Duration> progress,
        Optional<EventId> from,
        Optional<Duration> patience) {
    private static final String PREFIX = "prefix";
    private static final String KIND = "kind";
    private static final String INITIAL = "initial";
    private static final String PREVIOUS = "prev";
    private static final String PROGRESS = "progress";
    private static final String FROM = "from_revision";
    private static final String WAIT_FOR = "wait";
    static final List<String> PARAMETERS =
            List.of(RequestedKey.PARAMETER, PREFIX, KIND, INITIAL, PREVIOUS, PROGRESS, FROM, WAIT_FOR);

    private static final Pattern WAIT = Pattern.compile("([0-9]{1,3})s?");
    private static final int MAX_WAIT_SECONDS = 600;
    private static final int MAX_PROGRESS_SECONDS = 3600;

    /** @throws KvException {@link Code#INVALID} if a parameter is not acceptable, or two exclude each other */
    static WatchRequest of(Request request) {
        Query query = request.query();
        query.requireOneOf(RequestedKey.PARAMETER, PREFIX);
        Interest interest = new Interest(
                query.get(RequestedKey.PARAMETER).map(Key::of),
                Prefix.of(query.get(PREFIX).orElse("")),
                query.get(KIND).map(WatchRequest::kinds).orElse(EnumSet.allOf(Change.Kind.class)));
        boolean initial = query.flag(INITIAL);
        if (initial) {
            query.requireOneOf(INITIAL, FROM);
            query.requireOneOf(INITIAL, WAIT_FOR);
        }
        query.requireOneOf(PROGRESS, WAIT_FOR);
        Optional<Duration> progress = query.number(PROGRESS, 1, MAX_PROGRESS_SECONDS).stream()
                .mapToObj(Duration::ofSeconds)
                .findFirst();
        Optional<EventId> from =
                from(query, request.header(Headers.LAST_EVENT_ID).orElse(""));
        return new WatchRequest(
                interest,
                // A browser that connects again asks as it did at first, beside the id that it has come to.
                initial && from.isEmpty(),
                query.flag(PREVIOUS),
                progress,
                from,
                query.get(WAIT_FOR).map(WatchRequest::wait));
    }

    private static Set<Change.Kind> kinds(String text) {
        Set<Change.Kind> kinds = EnumSet.noneOf(Change.Kind.class);
        for (String name : text.split(",", -1)) {
            Change.Kind kind = Arrays.stream(Change.Kind.values())
                    .filter(known -> EventText.name(known).equals(name))
                    .findFirst()
                    .orElseThrow(() -> new KvException(
                            Code.INVALID,
                            KIND + " is " + text + ": give put, delete, expire, or two of them with a comma between"));
            if (!kinds.add(kind)) {
                throw new KvException(Code.INVALID, KIND + " names " + name + " more than once: name it once");
            }
        }
        return kinds;
    }

    /** A client that connects again sends the id of the last event beside the revision that it began with. */
    private static Optional<EventId> from(Query query, String lastEventId) {
        Optional<EventId> first = query.number(FROM, 1, Long.MAX_VALUE / 10).stream()
                .mapToObj(revision -> EventId.after(revision - 1))
                .findFirst();
        if (lastEventId.isEmpty()) {
            return first;
        }
        return Optional.of(EventId.parse(lastEventId)
                .orElseThrow(() -> new KvException(
                        Code.INVALID,
                        Headers.LAST_EVENT_ID + " is " + lastEventId
                                + ": give the id of an event, such as 57@3f2a90c1")));
    }

    private static Duration wait(String text) {
        Matcher seconds = WAIT.matcher(text);
        int number = seconds.matches() ? Integer.parseInt(seconds.group(1)) : -1;
        if (number < 0 || number > MAX_WAIT_SECONDS) {
            throw new KvException(
                    Code.INVALID,
                    WAIT_FOR + " is " + text + ": give seconds from 0 to " + MAX_WAIT_SECONDS + ", like 30s");
        }
        return Duration.ofSeconds(number);
    }
}
