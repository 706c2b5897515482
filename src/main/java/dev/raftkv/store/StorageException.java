package dev.raftkv.store;

import com.sleepycat.je.DiskLimitException;
import java.io.IOException;

/**
 * The store's disk or files failed. What was being written is not committed, and the store may refuse everything from now
 * on: a node that gets this while it applies an entry must stop.
 */
public final class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean noSpace;

    StorageException(String doing, Exception cause) {
        super(doing + " failed: " + cause.getMessage(), cause);
        this.noSpace = isNoSpace(cause);
    }

    /** Whether the disk is full: the store works again when it is opened after space was made. */
    public boolean noSpace() {
        return noSpace;
    }

    private static boolean isNoSpace(Exception failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof DiskLimitException || (cause instanceof IOException && saysNoSpace(cause))) {
                return true;
            }
        }
        return false;
    }

    /** The JDK has no type for ENOSPC and EDQUOT; these are the texts of the operating systems. */
    private static boolean saysNoSpace(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        return message.contains("No space left")
                || message.contains("Disk quota exceeded")
                || message.contains("not enough space on the disk");
    }
}
