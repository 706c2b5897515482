package dev.raftkv.rest.store;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.Precondition.Match;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The conditional headers of a request (RFC 9110, section 13), whose entity tags are revisions. A proxy that changes a body
 * makes a strong tag weak, or puts the name of a coding behind it; a revision is the same in any encoding, so they count as
 * the tags that they were made of.
 */
final class Conditions {
    private static final int MAX_TAGS = 100;
    private static final Pattern TAG = Pattern.compile("\\s*(?:W/)?\"([\\x21\\x23-\\x7E\\x80-\\xFF]*)\"\\s*(?:,|$)");

    /** With what servers that compress a body put behind: {@code 57--gzip} Jetty, {@code 57-gzip} Apache. */
    private static final Pattern REVISION =
            Pattern.compile("([1-9][0-9]{0,17})(?:(?:--?|[;:])(?:gzip|x-gzip|deflate|br|zstd|compress))?");

    private Conditions() {}

    /** @throws KvException {@link Code#UNREADABLE} if a header is malformed */
    static Precondition of(Request request) {
        Optional<Match> ifMatch = match(request, Headers.IF_MATCH);
        Optional<Match> ifNoneMatch = match(request, Headers.IF_NONE_MATCH);
        return ifMatch.isEmpty() && ifNoneMatch.isEmpty() ? Precondition.NONE : new Precondition(ifMatch, ifNoneMatch);
    }

    /** @throws KvException {@link Code#INVALID} if the request has conditions, which then belong to no single key */
    static void requireNone(Request request, String instead) {
        if (!of(request).equals(Precondition.NONE)) {
            throw new KvException(Code.INVALID, "If-Match and If-None-Match are about one key: " + instead);
        }
    }

    /**
     * Looks at the conditions of a request for something that is there and has no entity tag: none that is given matches.
     *
     * @return whether it is to be answered with 304
     * @throws KvException {@link Code#PRECONDITION_FAILED} if it is not to be answered
     */
    static boolean isUnmodifiedList(Request request) {
        Precondition precondition = of(request);
        if (precondition.ifMatch().filter(match -> !match.any()).isPresent()) {
            throw new KvException(Code.PRECONDITION_FAILED, "the precondition does not hold: a list has no entity tag");
        }
        return precondition.ifNoneMatch().filter(Match::any).isPresent();
    }

    private static Optional<Match> match(Request request, String header) {
        return request.header(header).map(value -> value.strip().equals("*") ? Match.ANY : tags(header, value));
    }

    private static Match tags(String header, String value) {
        List<Long> revisions = new ArrayList<>();
        Matcher tag = TAG.matcher(value);
        int end = 0;
        while (end < value.length()) {
            if (!tag.region(end, value.length()).lookingAt() || revisions.size() == MAX_TAGS) {
                throw new KvException(
                        Code.UNREADABLE,
                        header + " is malformed: give *, or up to " + MAX_TAGS
                                + " entity tags in double quotes like \"57\", separated by commas; it is " + value);
            }
            Matcher revision = REVISION.matcher(tag.group(1));
            // Another tag is none of ours, and matches nothing.
            if (revision.matches()) {
                revisions.add(Long.parseLong(revision.group(1)));
            }
            end = tag.end();
        }
        return Match.of(revisions);
    }
}
