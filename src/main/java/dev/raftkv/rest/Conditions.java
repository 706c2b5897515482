package dev.raftkv.rest;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.Precondition.Match;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The conditional headers of a request (RFC 9110, section 13), whose entity tags are revisions. A proxy that changes a body
 * makes a strong tag weak; a revision is the same in any encoding, so weak tags count as strong ones.
 */
final class Conditions {
    private static final int MAX_TAGS = 100;
    private static final Pattern TAG = Pattern.compile("\\s*(?:W/)?\"([\\x21\\x23-\\x7E\\x80-\\xFF]*)\"\\s*(?:,|$)");
    private static final Pattern REVISION = Pattern.compile("[1-9][0-9]{0,17}");

    private Conditions() {}

    /** @throws KvException {@link Code#UNREADABLE} if a header is malformed */
    static Precondition of(ClientRequest request) {
        Optional<Match> ifMatch = match(request, HttpHeaders.IF_MATCH);
        Optional<Match> ifNoneMatch = match(request, HttpHeaders.IF_NONE_MATCH);
        return ifMatch.isEmpty() && ifNoneMatch.isEmpty() ? Precondition.NONE : new Precondition(ifMatch, ifNoneMatch);
    }

    /** @throws KvException {@link Code#INVALID} if the request has conditions, which then belong to no single key */
    static void requireNone(ClientRequest request, String instead) {
        if (of(request) != Precondition.NONE) {
            throw new KvException(Code.INVALID, "If-Match and If-None-Match are about one key: " + instead);
        }
    }

    private static Optional<Match> match(ClientRequest request, String header) {
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
            // Another tag is none of ours, and matches nothing.
            if (REVISION.matcher(tag.group(1)).matches()) {
                revisions.add(Long.parseLong(tag.group(1)));
            }
            end = tag.end();
        }
        return Match.of(revisions);
    }
}
