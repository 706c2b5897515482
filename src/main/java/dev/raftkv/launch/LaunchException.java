package dev.raftkv.launch;

/** The node cannot be launched; the message is for the one who tried, and says what to do. */
final class LaunchException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Something is in the way: a port, a full disk. */
    static final int EXIT_FAILED = 1;
    /** The command line, or a setting that the launcher needs itself, is wrong. */
    static final int EXIT_WRONG_USE = 2;

    private final int exitCode;
    private final boolean told;

    LaunchException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
        this.told = false;
    }

    LaunchException(String message, Throwable cause) {
        this(message, cause, false);
    }

    private LaunchException(String message, Throwable cause, boolean told) {
        super(message, cause);
        this.exitCode = EXIT_FAILED;
        this.told = told;
    }

    /** What the last line of the log has said already. */
    static LaunchException told(Throwable cause) {
        return new LaunchException(cause.getMessage(), cause, true);
    }

    int exitCode() {
        return exitCode;
    }

    boolean isTold() {
        return told;
    }
}
