package dev.raftkv.rest.request;

/** The names of the header fields that are read or written. */
public final class Headers {
    public static final String ACCEPT = "Accept";
    public static final String ACCEPT_ENCODING = "Accept-Encoding";
    public static final String ALLOW = "Allow";
    public static final String CACHE_CONTROL = "Cache-Control";
    public static final String CONNECTION = "Connection";
    public static final String CONTENT_DISPOSITION = "Content-Disposition";
    public static final String CONTENT_ENCODING = "Content-Encoding";
    public static final String CONTENT_LENGTH = "Content-Length";
    public static final String CONTENT_SECURITY_POLICY = "Content-Security-Policy";
    public static final String CONTENT_TYPE = "Content-Type";
    public static final String CONTENT_TYPE_OPTIONS = "X-Content-Type-Options";
    public static final String ETAG = "ETag";
    public static final String HOST = "Host";
    public static final String IF_MATCH = "If-Match";
    public static final String IF_NONE_MATCH = "If-None-Match";
    public static final String LAST_EVENT_ID = "Last-Event-ID";
    public static final String LINK = "Link";
    public static final String LOCATION = "Location";
    public static final String ORIGIN = "Origin";
    public static final String REFERRER_POLICY = "Referrer-Policy";
    public static final String RESOURCE_POLICY = "Cross-Origin-Resource-Policy";
    public static final String RETRY_AFTER = "Retry-After";
    public static final String VARY = "Vary";

    /** A client's name for a request that it may repeat (draft-ietf-httpapi-idempotency-key-header). */
    public static final String IDEMPOTENCY_KEY = "Idempotency-Key";

    /** Tells the receiver of a request which node has passed it on. */
    public static final String FORWARDED = "Raft-Forwarded";

    /**
     * What a follower is to do with this one request, in place of its setting {@code RAFT_FOLLOWER_WRITES}. Only pages of sites
     * that the node was told of can send it, and its own: browsers ask the node before they let one send a header like this.
     */
    public static final String FOLLOWER_WRITES = "Raft-Follower-Writes";

    /** Which node answers. */
    public static final String NODE = "Raft-Node";

    /** A write: its own revision. A read: all changes up to this revision are in the answer. */
    public static final String REVISION = "Store-Revision";

    /** The level at which a read was really served. */
    public static final String CONSISTENCY = "Raft-Consistency";

    /** How many seconds a key has to live. */
    public static final String TTL = "Store-TTL";

    /** Up to which change an answer to a client of Consul has come. */
    public static final String CONSUL_INDEX = "X-Consul-Index";

    /** Whether there is a leader, as clients of Consul are told. */
    public static final String CONSUL_KNOWN_LEADER = "X-Consul-Knownleader";

    /** How many milliseconds ago the node has heard of its leader, as clients of Consul are told. */
    public static final String CONSUL_LAST_CONTACT = "X-Consul-Lastcontact";

    /** How a read of a client of Consul was really served. */
    public static final String CONSUL_CONSISTENCY = "X-Consul-Effective-Consistency";

    /** Where clients of Consul put their token. */
    public static final String CONSUL_TOKEN = "X-Consul-Token";

    public static final String USER_AGENT = "User-Agent";
    public static final String AUTHORIZATION = "Authorization";
    public static final String WWW_AUTHENTICATE = "WWW-Authenticate";

    private Headers() {}

    /** The entity tag of a key that was last changed at a revision. */
    public static String tag(long revision) {
        return "\"" + revision + "\"";
    }
}
