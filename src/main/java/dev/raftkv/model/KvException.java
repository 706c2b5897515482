package dev.raftkv.model;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * A failure with a stable {@link Code} and a sentence for the user that says what to do: the one failure that becomes an
 * answer to a client.
 */
public final class KvException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final String BEGIN_AGAIN =
            "read the keys again, then watch from the Store-Revision of that answer plus one";

    private final Code code;
    private final long revision;
    private final long storeRevision;

    public KvException(Code code, String message) {
        this(code, message, null);
    }

    /** The stack trace is the cause's: these are answers, thrown by the thousand when a cluster has no leader. */
    public KvException(Code code, String message, Throwable cause) {
        this(code, message, -1, cause);
    }

    private KvException(Code code, String message, long revision, Throwable cause) {
        this(code, message, revision, -1, cause);
    }

    private KvException(Code code, String message, long revision, long storeRevision, Throwable cause) {
        super(Objects.requireNonNull(message), cause, false, false);
        this.code = Objects.requireNonNull(code);
        this.revision = revision;
        this.storeRevision = storeRevision;
    }

    /** @param current the revision of the key's last change, 0 if there is no such key */
    public static KvException preconditionFailed(long current) {
        return new KvException(
                Code.PRECONDITION_FAILED,
                current == 0
                        ? "the precondition does not hold: there is no such key"
                        : "the precondition does not hold: the key was last changed at revision " + current,
                current,
                null);
    }

    /** @param oldest the first revision whose changes are still kept */
    public static KvException gone(long oldest) {
        return new KvException(
                Code.GONE,
                "changes before revision " + oldest + " are not kept any more: " + BEGIN_AGAIN,
                oldest,
                null);
    }

    /**
     * @param id names a place among the changes of another cluster
     * @param cluster the one that was asked
     */
    public static KvException ofAnotherCluster(EventId id, String cluster, long oldest) {
        return new KvException(
                Code.GONE,
                "the id " + id + " is of another cluster, this one is " + cluster + ": " + BEGIN_AGAIN,
                oldest,
                null);
    }

    /**
     * @param wanted a revision that no node of the cluster can have shown
     * @param current the cluster's
     */
    public static KvException neverReached(long wanted, long current, long oldest) {
        return new KvException(
                Code.GONE,
                "there is no revision " + wanted + ", this cluster is at " + current + ": " + BEGIN_AGAIN,
                oldest,
                null);
    }

    /** @param first the index of the first entry that the log still has */
    public static KvException purged(long index, long first) {
        return new KvException(
                Code.PURGED,
                "entry " + index
                        + " is not in the Raft log of this node any more, a snapshot has taken its place: the log"
                        + " begins with entry " + first,
                first,
                null);
    }

    /**
     * @param what has become of the events that were asked for
     * @param oldest the id of the oldest event that is kept
     */
    public static KvException eventsForgotten(String what, long oldest) {
        return new KvException(
                Code.FORGOTTEN,
                what + ": begin again without Last-Event-ID, with last=1000 for all that are kept",
                oldest,
                null);
    }

    /**
     * What {@link #preconditionFailed} was given, or the oldest revision, entry or event that is kept if what was asked for is
     * not; empty for all others.
     */
    public OptionalLong revision() {
        return revision < 0 ? OptionalLong.empty() : OptionalLong.of(revision);
    }

    /** The same failure, and what is known beside it, half a sentence. */
    public KvException with(String fact) {
        return new KvException(code, getMessage() + " (" + fact + ")", revision, storeRevision, getCause());
    }

    /** The same failure, found when the store was at a revision. */
    public KvException at(long revisionOfStore) {
        return new KvException(code, getMessage(), revision, revisionOfStore, getCause());
    }

    /** What {@link #at} was given. */
    public OptionalLong storeRevision() {
        return storeRevision < 0 ? OptionalLong.empty() : OptionalLong.of(storeRevision);
    }

    public Code code() {
        return code;
    }
}
