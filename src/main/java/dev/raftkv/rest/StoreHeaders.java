package dev.raftkv.rest;

import dev.raftkv.model.Entry;
import dev.raftkv.model.ReadLevel;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.OptionalLong;

/** What an answer tells of the store beside its body. */
final class StoreHeaders {
    /** Which node answers. */
    static final String NODE = "Raft-Node";

    /** A write: its own revision. A read: all changes up to this revision are in the answer. */
    static final String REVISION = "Store-Revision";

    /** The level at which a read was really served. */
    static final String CONSISTENCY = "Raft-Consistency";

    /** How many seconds a key has to live. */
    static final String TTL = "Store-TTL";

    private StoreHeaders() {}

    /** The entity tag of a key that was last changed at a revision. */
    static String tag(long revision) {
        return "\"" + revision + "\"";
    }

    static Response.ResponseBuilder written(Response.ResponseBuilder answer, long revision) {
        return answer.header(REVISION, revision);
    }

    static Response.ResponseBuilder read(Response.ResponseBuilder answer, long revision, ReadLevel level) {
        return answer.header(REVISION, revision).header(CONSISTENCY, level.label());
    }

    static Response.ResponseBuilder entry(Response.ResponseBuilder answer, Entry entry, OptionalLong remainingMillis) {
        remainingMillis.ifPresent(millis -> answer.header(TTL, Ttl.secondsOf(millis)));
        return answer.header(HttpHeaders.ETAG, tag(entry.changeRevision()));
    }
}
