package dev.raftkv.store;

import com.sleepycat.je.DiskLimitException;
import com.sleepycat.je.EnvironmentFailureException;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The store's disk or files failed. What was being written is not committed, and the store may refuse everything from now
 * on: a node that gets this while it applies an entry must stop.
 */
public final class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** How JE writes the file and the offset of what it could not read. */
    private static final Pattern PLACE = Pattern.compile("0x([0-9a-f]{1,8})/0x[0-9a-f]+");

    private final boolean noSpace;

    StorageException(String doing, Exception cause) {
        super(doing + " failed: " + cause.getMessage(), cause);
        this.noSpace = isNoSpace(cause);
    }

    /** Whether the disk is full: the store works again when it is opened after space was made. */
    public boolean noSpace() {
        return noSpace;
    }

    /** Whether the store can do nothing any more: its files are damaged, or JE has given up for another reason. */
    boolean isFinal() {
        return getCause() instanceof EnvironmentFailureException;
    }

    /** The file that is damaged, by its name in the store's directory, if that is the cause. */
    public Optional<String> damagedFile() {
        Matcher place = PLACE.matcher(String.valueOf(getMessage()));
        return getMessage().contains("LOG_CHECKSUM") && place.find()
                ? Optional.of(String.format("%08x.jdb", Long.parseLong(place.group(1), 16)))
                : Optional.empty();
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
