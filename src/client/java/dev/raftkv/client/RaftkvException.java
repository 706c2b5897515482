package dev.raftkv.client;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A call has failed. A write that failed was not done, unless it is an {@link UnknownOutcomeException}. */
public class RaftkvException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final Pattern SENTENCE = Pattern.compile("\"detail\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");

    private final int status;

    RaftkvException(String message, int status, Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** The HTTP status by which a node has refused the call for good, such as 403; 0 if the call had no such answer. */
    public int status() {
        return status;
    }

    /** What a node has to say of an error; if it was another server, all of it. */
    static String sentence(String body) {
        Matcher found = SENTENCE.matcher(body);
        return found.find() ? found.group(1).replaceAll("\\\\(.)", "$1") : body.strip();
    }
}
