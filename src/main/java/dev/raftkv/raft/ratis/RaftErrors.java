package dev.raftkv.raft.ratis;

import dev.raftkv.model.Address;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.store.StorageException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.ReconfigurationInProgressException;
import org.apache.ratis.protocol.exceptions.ReconfigurationTimeoutException;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;
import org.apache.ratis.protocol.exceptions.TimeoutIOException;

/** The one place where Ratis' failures become answers. */
public final class RaftErrors {
    private RaftErrors() {}

    /**
     * The answer for a failed write.
     *
     * @param mayCommit whether the entry may be in the log in spite of the failure
     */
    public static KvException write(Throwable failure, boolean mayCommit) {
        Throwable cause = unwrap(failure);
        if (cause instanceof KvException answer) {
            return answer;
        }
        if (mayCommit) {
            return outcomeUnknown("this node stopped leading before it saw the commit", cause);
        }
        if (cause instanceof NotLeaderException) {
            return notLeader();
        }
        if (cause instanceof LeaderNotReadyException) {
            return notReady(cause);
        }
        if (cause instanceof ResourceUnavailableException) {
            return unavailable("too many writes are waiting", cause);
        }
        return unavailable("Raft does not take writes on this node now", cause);
    }

    /** The answer for a failed change of the membership. */
    public static KvException reconfiguration(Throwable failure, String node) {
        Throwable cause = unwrap(failure);
        if (cause instanceof KvException answer) {
            return answer;
        }
        if (cause instanceof ReconfigurationInProgressException) {
            return unavailable("another change of the members is under way", cause);
        }
        if (cause instanceof ReconfigurationTimeoutException) {
            return unavailable(node + " does not catch up with the log: see that it runs and can be reached", cause);
        }
        if (cause instanceof LeaderNotReadyException) {
            return notReady(cause);
        }
        return new KvException(
                Code.OUTCOME_UNKNOWN,
                "the change of the members was begun and its end was not seen ("
                        + (cause instanceof TimeoutException ? "time is over" : "this node may have stopped leading")
                        + "): look at /raft/stats, and repeat the request if need be",
                cause);
    }

    /**
     * The answer for a call to another node that failed, with nothing changed. Who says nothing at all may be healthy and out
     * of reach for a moment; who answers, and be it that nobody listens, is not what was asked for.
     *
     * @param wrong the sentence for the latter
     */
    public static KvException unreached(Address address, String wrong, IOException failure) {
        return isSilence(failure)
                ? unavailable(
                        address
                                + " has not answered in time: see that the node runs, that the network is whole and that"
                                + " raft_address is right",
                        failure)
                : new KvException(Code.INVALID, wrong, failure);
    }

    private static boolean isSilence(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SocketTimeoutException
                    || cause instanceof TimeoutIOException
                    || cause instanceof TimeoutException) {
                return true;
            }
        }
        return false;
    }

    /** The answer for a read whose barrier failed: a barrier changes nothing, so nothing about it is unknown. */
    public static KvException barrier(Throwable failure) {
        Throwable cause = unwrap(failure);
        return cause instanceof KvException answer && answer.code() == Code.NOT_LEADER
                ? answer
                : new KvException(
                        Code.UNAVAILABLE,
                        "the cluster did not confirm in time that this node still leads: try again, or read with"
                                + " consistency=eventual",
                        cause);
    }

    public static KvException notLeader() {
        return new KvException(Code.NOT_LEADER, "not the leader");
    }

    public static KvException notReady(Throwable cause) {
        return unavailable("this node has just become the leader and is not ready yet", cause);
    }

    public static KvException unavailable(String reason, Throwable cause) {
        return new KvException(Code.UNAVAILABLE, reason + ": nothing was changed; try again", cause);
    }

    public static KvException outcomeUnknown(String reason, Throwable cause) {
        return new KvException(
                Code.OUTCOME_UNKNOWN,
                "the write may have happened or not: " + reason + "; read the key before you write again",
                cause);
    }

    /** Why the disk, or what is on it, failed this node: half a sentence. */
    public static String reason(Throwable failure, Path directory) {
        if (isNoSpace(failure)) {
            return "the disk of " + directory + " is full";
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof StorageException storage
                    && storage.damagedFile().isPresent()) {
                return "the file " + storage.damagedFile().get() + " of the store in " + directory
                        + " is damaged: remove this node at the leader (POST /raft/remove), move its data directory away,"
                        + " start it and join it again, and it gets all data from the others (" + cause.getMessage()
                        + ")";
            }
            if (cause instanceof OutOfMemoryError) {
                return "this process has too little memory, a heap of at most "
                        + (Runtime.getRuntime().maxMemory() >> 20) + " MB: start it with a larger -Xmx (" + cause + ")";
            }
        }
        return "of " + unwrap(failure) + " (the log tells more)";
    }

    /** Whether it failed because the disk is full. */
    public static boolean isNoSpace(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof StorageException storage && storage.noSpace()
                    || String.valueOf(cause.getMessage()).contains("No space left on device")) {
                return true;
            }
        }
        return false;
    }

    public static Throwable unwrap(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
