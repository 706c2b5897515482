package dev.raftkv.launch;

/** The node cannot be launched; the message is for the one who tried, and says what to do. */
final class LaunchException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Something is in the way: a port, a full disk. */
    static final int EXIT_FAILED = 1;
    /** The command line, or a setting that the launcher needs itself, is wrong. */
    static final int EXIT_WRONG_USE = 2;

    private final int exitCode;

    LaunchException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    LaunchException(String message, Throwable cause) {
        super(message, cause);
        this.exitCode = EXIT_FAILED;
    }

    int exitCode() {
        return exitCode;
    }
}
