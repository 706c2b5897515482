package dev.raftkv.rest;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.access.UserRole;
import dev.raftkv.rest.RandomRequests.Made;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What may come to requests that are made at random, by the role of their token. */
public final class RandomAnswers {
    /** The value of the key {@code secret}, which only readers may see. */
    public static final String SECRET = "what-only-readers-see";

    private static final int NO_STATUS = 12;

    /** Something of each answer that is open to all: health, what a path takes, the pages. */
    private static final List<String> OPEN =
            List.of("this node is live", "this node is ready", "\r\nAllow: ", "<!doctype html>", "<!DOCTYPE html>");

    /** The same for what a role may do beyond that. */
    private static final Map<UserRole, List<String>> GRANTED = Map.of(
            UserRole.METRICS, List.of("\n# TYPE raftkv_", "\"lag\""),
            UserRole.NODE, List.of("Here is the raft status", "joined", "announced", "barrier"));

    private RandomAnswers() {}

    /**
     * Nothing is shown or done beyond the role, and nothing has failed.
     *
     * @param about for the message: what was asked, and what has come
     * @return whose request it was, and the status; 0 if there was none
     */
    public static String judge(Made request, String answer, String about) {
        String whose = request.role().map(UserRole::text).orElse("nobody") + " ";
        assertFalse(answer.contains(SECRET), about);
        if (answer.length() < NO_STATUS) {
            return whose + 0;
        }
        int status = Integer.parseInt(answer.substring(9, NO_STATUS));
        assertTrue(status < 500 || status == 501 || status == 505, about);
        assertTrue(status != 204 && status != 206, about);
        if (status == 200) {
            assertTrue(isGranted(request, answer), about);
        } else if (status < 400) {
            // The server's own, to a path that ends with a slash; a hint to a leader would be a 307.
            assertTrue(status == 301 || status == 302 || status == 308, about);
        }
        return whose + status;
    }

    private static boolean isGranted(Made request, String answer) {
        if (request.isHead() && answer.endsWith("\r\n\r\n")) {
            // What is read of the store says how it was read.
            return !answer.contains("\r\nRaft-Consistency: ");
        }
        return OPEN.stream().anyMatch(answer::contains)
                || Optional.of(request)
                        .flatMap(Made::role)
                        .map(GRANTED::get)
                        .filter(granted -> granted.stream().anyMatch(answer::contains))
                        .isPresent();
    }
}
