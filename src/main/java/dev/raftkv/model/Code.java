package dev.raftkv.model;

/** What kind of failure a {@link KvException} is. Each code stands for one answer that a client can act on. */
public enum Code {
    /** The request cannot be read: broken JSON, a path that no key has. */
    UNREADABLE,
    /** Who asks has not said who they are. */
    UNAUTHENTICATED,
    /** Who asks has shown something that nobody is known by. */
    WRONG_CREDENTIALS,
    /** Who asks is known, and has no role that may do it. */
    FORBIDDEN,
    /** The request was read, and cannot be accepted as it is. */
    INVALID,
    /** The body is not of the content type that this route takes. */
    UNSUPPORTED_MEDIA_TYPE,
    /** A body comes too slowly. */
    TOO_SLOW,
    /** A key, a value or a body is over its limit. */
    TOO_LARGE,
    /** No such key or member. */
    NOT_FOUND,
    /** The request contradicts who is a member, or who holds what. */
    CONFLICT,
    /** Nothing was changed; the condition that the request made does not hold. */
    PRECONDITION_FAILED,
    /** What was asked for was here once and is not kept any more. */
    GONE,
    /** The entry of the Raft log was here once; a snapshot has taken its place. */
    PURGED,
    /** Some of the events that were asked for are not kept any more, or this node has never had them. */
    FORGOTTEN,
    /** Nothing was changed; another node leads and can do it. */
    NOT_LEADER,
    /** Nothing was changed; the node cannot do it now, and may later. */
    UNAVAILABLE,
    /** Nothing was changed; the disk has too little space left. */
    NO_SPACE,
    /** The change may or may not happen: it was handed to Raft, and its end was not seen in time. */
    OUTCOME_UNKNOWN
}
