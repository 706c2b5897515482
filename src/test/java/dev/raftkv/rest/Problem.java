package dev.raftkv.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Checks a refusal whole: status, headers and each byte of its body. */
final class Problem {
    private Problem() {}

    /** @param detail as JSON writes it, between its quotes */
    static void assertProblem(int status, String title, String detail, RawHttp.Answer answer) {
        assertProblem(status, title, detail, "", answer);
    }

    /** @param extensions further members as JSON, with a comma before each */
    static void assertProblem(int status, String title, String detail, String extensions, RawHttp.Answer answer) {
        assertEquals(
                "{\"type\":\"about:blank\",\"title\":\"" + title + "\",\"status\":" + status + ",\"detail\":\"" + detail
                        + "\",\"error\":\"" + detail + "\"" + extensions + "}\n",
                answer.body());
        assertEquals(status, answer.status());
        assertEquals("application/problem+json", answer.header("content-type"));
        assertEquals("no-store", answer.header("cache-control"));
        assertEquals(status == 503 ? "1" : null, answer.header("retry-after"));
    }

    static void assertInvalid(String detail, RawHttp.Answer answer) {
        assertProblem(422, "Unprocessable Content", detail, answer);
    }

    static void assertUnreadable(String detail, RawHttp.Answer answer) {
        assertProblem(400, "Bad Request", detail, answer);
    }

    static void assertUnavailable(String detail, RawHttp.Answer answer) {
        assertProblem(503, "Service Unavailable", detail, answer);
    }

    static void assertOk(String body, RawHttp.Answer answer) {
        assertEquals(body + "\n", answer.body());
        assertEquals(200, answer.status());
        assertEquals("application/json;charset=utf-8", answer.header("content-type"));
        assertEquals("no-store", answer.header("cache-control"));
    }
}
