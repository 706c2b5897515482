package dev.raftkv.rest.request;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** What holds for a body that an operation takes: JSON in UTF-8, up to a limit. */
public final class BodyRules {
    private static final String JSON = "application/json";
    private static final String UTF_8 = "utf-8";
    private static final String UTF_8_AS_MANY_WRITE_IT = "utf8";

    private BodyRules() {}

    /** For a body whose client has gone, or has sent less than it said. */
    public static KvException brokenOff(IOException e) {
        return new KvException(Code.UNREADABLE, "the body broke off before its end: send it again", e);
    }

    /** @param limit in bytes */
    public static KvException tooLarge(int limit) {
        return new KvException(Code.TOO_LARGE, "the body is too large: the limit is " + limit + " bytes");
    }

    /**
     * Of a request that is to have no body.
     *
     * @param body ends with {@link Code#TOO_LARGE} if there is one
     */
    public static CompletableFuture<byte[]> none(CompletableFuture<byte[]> body) {
        return body.exceptionally(failure -> {
            throw failure instanceof KvException known && known.code() == Code.TOO_LARGE
                    ? new KvException(
                            Code.INVALID,
                            "this request takes no body, and has one: leave it out, or store a value by PUT")
                    : new CompletionException(failure);
        });
    }

    /** @throws KvException {@link Code#UNSUPPORTED_MEDIA_TYPE} for a body that is not declared as JSON in UTF-8 */
    public static void check(HttpServletRequest request) {
        requireJson(request.getHeader(Headers.CONTENT_TYPE));
        requirePlain(request.getHeader("Content-Encoding"));
    }

    private static void requireJson(String contentType) {
        if (contentType == null || !contentType.equals(JSON) && !isJsonInUtf8(contentType)) {
            throw new KvException(
                    Code.UNSUPPORTED_MEDIA_TYPE,
                    "the body has the content type " + (contentType == null ? "(none)" : contentType)
                            + ": send JSON in UTF-8 with the header Content-Type: application/json");
        }
    }

    private static boolean isJsonInUtf8(String contentType) {
        try {
            MediaType type = MediaType.valueOf(contentType);
            String charset = type.getParameters().getOrDefault(MediaType.CHARSET_PARAMETER, UTF_8);
            return type.getType().equalsIgnoreCase("application")
                    && type.getSubtype().equalsIgnoreCase("json")
                    && (charset.equalsIgnoreCase(UTF_8) || charset.equalsIgnoreCase(UTF_8_AS_MANY_WRITE_IT));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void requirePlain(String encoding) {
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new KvException(
                    Code.UNSUPPORTED_MEDIA_TYPE,
                    "the body has the content encoding " + encoding + ": send it without Content-Encoding");
        }
    }
}
