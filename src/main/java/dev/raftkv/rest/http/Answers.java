package dev.raftkv.rest.http;

import dev.raftkv.json.Json;
import dev.raftkv.rest.json.ProblemJson;
import dev.raftkv.rest.request.Headers;
import java.util.Map;

/** What many answers have in common. */
public final class Answers {
    public static final String JSON = "application/json;charset=UTF-8";

    /** No answer outlives the state that it tells of. */
    public static final String NO_STORE = "no-store";

    private Answers() {}

    /** @param json one JSON object and a new line */
    public static Answer ok(byte[] json) {
        return Answer.of(200, JSON, json);
    }

    /** One JSON object. */
    public static Answer ok(Json.Content members) {
        return ok(Json.line(members));
    }

    /**
     * @param detail a sentence for the user that says what to do
     * @param extensions further members of the document, in their order
     */
    public static Answer problem(int status, String detail, Map<String, ?> extensions) {
        return problem(status, ProblemJson.bytes(status, title(status), detail, extensions));
    }

    /** @param extensions writes further members of the document */
    public static Answer problem(int status, String detail, Json.Content extensions) {
        return problem(status, ProblemJson.bytes(status, title(status), detail, extensions));
    }

    public static Answer problem(int status, String detail) {
        return problem(status, detail, Map.of());
    }

    /** What does not work now says when to try again. */
    private static Answer problem(int status, byte[] document) {
        Answer answer = Answer.of(status, ProblemJson.CONTENT_TYPE, document);
        return status == 503 ? answer.header(Headers.RETRY_AFTER, 1) : answer;
    }

    /** The reason phrases of RFC 9110. */
    private static String title(int status) {
        return switch (status) {
            case 307 -> "Temporary Redirect";
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Timeout";
            case 409 -> "Conflict";
            case 410 -> "Gone";
            case 412 -> "Precondition Failed";
            case 413 -> "Content Too Large";
            case 415 -> "Unsupported Media Type";
            case 421 -> "Misdirected Request";
            case 422 -> "Unprocessable Content";
            case 500 -> "Internal Server Error";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            case 507 -> "Insufficient Storage";
            default -> "HTTP status " + status;
        };
    }
}
