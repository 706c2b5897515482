package dev.raftkv.rest;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;

/** What all answers with a body have in common. */
final class Answers {
    static final MediaType PROBLEM = MediaType.valueOf(ProblemJson.CONTENT_TYPE);
    static final MediaType JSON = MediaType.APPLICATION_JSON_TYPE.withCharset("UTF-8");

    private Answers() {}

    /** @param json one JSON object and a new line */
    static Response ok(byte[] json) {
        return success(json).build();
    }

    /** As {@link #ok}, for more headers. */
    static Response.ResponseBuilder success(byte[] json) {
        return with(Response.ok(), JSON, json);
    }

    /**
     * @param detail a sentence for the user that says what to do
     * @param extensions further members of the document, in their order
     */
    static Response.ResponseBuilder problem(int status, String detail, Map<String, ?> extensions) {
        byte[] document = ProblemJson.bytes(status, title(status), detail, extensions);
        return with(Response.status(status), PROBLEM, document);
    }

    /** @param extensions writes further members of the document */
    static Response.ResponseBuilder problem(int status, String detail, Json.Content extensions) {
        return with(Response.status(status), PROBLEM, ProblemJson.bytes(status, title(status), detail, extensions));
    }

    static Response.ResponseBuilder problem(int status, String detail) {
        return problem(status, detail, Map.of());
    }

    static byte[] problemDocument(int status, String detail) {
        return ProblemJson.bytes(status, title(status), detail);
    }

    /** The reason phrases of RFC 9110, some of which Jakarta REST lacks or has an older word for. */
    private static String title(int status) {
        return switch (status) {
            case 413 -> "Content Too Large";
            case 422 -> "Unprocessable Content";
            case 507 -> "Insufficient Storage";
            default -> {
                Response.Status known = Response.Status.fromStatusCode(status);
                yield known == null ? "HTTP status " + status : known.getReasonPhrase();
            }
        };
    }

    /** The length is told, else Jersey sends what is longer than its buffer in chunks. */
    static Response.ResponseBuilder with(Response.ResponseBuilder answer, MediaType type, byte[] body) {
        return answer.type(type).header(HttpHeaders.CONTENT_LENGTH, body.length).entity(body);
    }
}
